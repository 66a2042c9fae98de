use super::*;

fn check(figure: &crate::page::Figure) {
    assert!(figure.svg.starts_with("<svg viewBox="), "{}", figure.name);
    assert!(!figure.svg.contains("NaN") && !figure.svg.contains("inf\""), "{}", figure.name);
    assert!(figure.svg.contains("aria-label=\""), "{}", figure.name);
    let numbers = figure.numbers.as_ref().expect("each plot has its numbers");
    assert!(!numbers.rows.is_empty() && !figure.caption.is_empty(), "{}", figure.name);
}

fn forest() -> Forest {
    let line = |name: &str, difference: f64, outcome: &str| ForestLine {
        name: name.into(),
        difference,
        naive: ForestInterval { low: difference - 1.0, high: difference + 1.0 },
        corrected: ForestInterval { low: difference - 2.0, high: difference + 2.0 },
        splits: vec![difference - 0.5, difference, difference + 0.5],
        outcome: outcome.into(),
    };
    Forest {
        against: "squared_error".into(),
        metric: "gamma_deviance".into(),
        equivalence: 0.2,
        lines: vec![line("poisson_nll", -3.0, "better"), line("log_squared_error+ratio", 0.1, "can't tell")],
    }
}

#[test]
fn every_plot_has_its_numbers_and_words() {
    check(&forest().figure().unwrap());
    let needle = |name: &str, level: f64, ratio: f64| Needle {
        name: name.into(),
        level: [level, level - 0.02, level + 0.02],
        ratio: [ratio, ratio - 0.1, ratio + 0.1],
    };
    check(&Compass { needles: vec![needle("mean", 0.7, 1.0), needle("median", 0.5, 0.4)] }.figure().unwrap());
    let values: Vec<f64> = (0..1000).map(|row| if row < 300 { 0.0 } else { (f64::from(row) / 100.0).exp() }).collect();
    check(&TargetStrip { name: "cost", values: &values }.figure().unwrap());
    check(&TargetStrip { name: "y", values: &[-1.0, 2.0, 3.0] }.figure().unwrap());
    check(&TargetStrip { name: "y", values: &[5.0, 5.0] }.figure().unwrap());
    let points = (0..50).map(|step| [f64::from(step), -1.0, -2.0, f64::from(step % 2)]).collect();
    let murphy = MurphyDifference { name: "a".into(), against: "b".into(), functional: "mean".into(), points };
    check(&murphy.figure().unwrap());
    let reliability = Reliability {
        name: "cross_entropy".into(),
        functional: "probability".into(),
        points: vec![(0.1, 0.05), (0.2, 0.3), (0.9, 0.8)],
        parts: [0.01, 0.1, 0.5],
        score: "log loss".into(),
        p: 0.3,
    };
    check(&reliability.figure().unwrap());
    let gradient = GradientShare {
        losses: vec![("squared_error".into(), vec![0.1; 10]), ("absolute_error".into(), vec![0.1; 10])],
        loudest: vec![LoudRow { row: 17, target: 9.0, prediction: 1.0, share: 0.02 }],
    };
    check(&gradient.figure().unwrap());
    assert_eq!(gradient.rows().unwrap().rows[0][0], "17");
    let bar = |name: &str, observed, expected| RootogramBar { name: name.into(), observed, expected };
    let counts = vec![bar("0", 30.0, 10.0), bar("1 or more", 5.0, 20.0)];
    let figure = Rootogram { name: "poisson".into(), counts }.figure().unwrap();
    check(&figure);
    assert!(figure.svg.contains("of 0 30 came and 10 were expected"), "{}", figure.svg);
    let points = (-20..=20).map(|step| (f64::from(step) / 10.0, f64::from(step) / 9.0)).collect();
    check(&QuantileResiduals { name: "log-normal".into(), points }.figure().unwrap());
    let points = (1..20).map(|step| [f64::from(step) * 10.0, 2.0, 1.8, 2.2, f64::NAN]).collect();
    check(&TailPlot { of: "cost".into(), points }.figure().unwrap());
}

#[test]
fn the_forest_names_what_it_shows() {
    let figure = forest().figure().unwrap();
    assert!(figure.svg.contains("poisson_nll better, log_squared_error+ratio can&#39;t tell"), "{}", figure.svg);
    assert_eq!(figure.numbers.unwrap().rows[0], ["poisson_nll", "-3", "-5", "-1", "-4", "-2", "better"]);
}

#[test]
fn the_panel_holds_its_numbers_and_loads_nothing() {
    let panel = ThresholdPanel {
        name: "cross_entropy".into(),
        miss: 20.0,
        alarm: 1.0,
        rows: 1000,
        positives: 10,
        steps: vec![(0.01, 500, 9), (0.05, 100, 7), (0.5, 4, 2)],
    };
    let figure = panel.figure().unwrap();
    check(&figure);
    // 1 missed, 491 alarms; 3 and 93; 8 and 2.
    assert_eq!(figure.numbers.unwrap().rows[1][5], "153");
    let html = panel.panel();
    assert!(html.contains("[0.050000,100,7]") && !html.contains("src=") && !html.contains("http"), "{html}");
}

#[test]
fn nothing_is_drawn_of_nothing() {
    assert!(Compass { needles: Vec::new() }.figure().is_none());
    assert!(TargetStrip { name: "y", values: &[] }.figure().is_none());
    assert!(Rootogram { name: "poisson".into(), counts: Vec::new() }.figure().is_none());
}
