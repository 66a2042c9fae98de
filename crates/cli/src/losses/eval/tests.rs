use super::*;

fn answers(lines: &str) -> Vec<Value> {
    let mut output = Vec::new();
    answer_lines(lines.as_bytes(), &mut output).unwrap().unwrap();
    let text = String::from_utf8(output).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn answer_to(line: &str) -> Value {
    answers(line).remove(0)
}

const HUBER: &str = r#""loss":"huber","params":{"delta":1.0},"inputs":{"prediction":{"shape":[3],"data":[0.5,2.0,-3.0]}},
    "targets":{"target":{"shape":[3],"data":[0,0,0]}}"#;

fn huber(more: &str) -> Value {
    answer_to(&format!("{{{}{more}}}", HUBER.replace('\n', " ")))
}

#[test]
fn unreduced_summed_and_averaged() {
    let whole = huber(r#","id":7,"grad":true"#);
    assert_eq!(
        whole,
        json!({ "id": 7, "value": { "shape": [3], "data": [0.125, 1.5, 2.5] },
                "grads": { "prediction": { "shape": [3], "data": [0.5, 1.0, -1.0] } } })
    );
    assert_eq!(huber(r#","reduce":"sum""#), json!({ "id": null, "value": 4.125 }));
    let mean = huber(r#","reduce":"mean","grad":true,"id":"a""#);
    assert_eq!(mean["value"], json!(1.375));
    assert_eq!(mean["grads"]["prediction"]["data"][1], json!(1.0 / 3.0));
}

#[test]
fn a_name_of_several_losses_is_the_one_that_has_the_inputs() {
    let ask =
        |loss: &str, inputs: &str| answer_to(&format!(r#"{{"loss":"{loss}","reduce":"sum","inputs":{{{inputs}}}}}"#));
    let nothing = json!({ "id": null, "value": 0.0 });
    assert_eq!(ask("kl_div", r#""log_q":[0],"p":[1]"#), nothing);
    assert_eq!(ask("kl_div", r#""log_q":[0],"log_p":[0]"#), nothing);
    assert_eq!(ask("BinaryCrossentropy", r#""logits":[1000],"target":[1]"#), nothing);
    assert_eq!(ask("BinaryCrossentropy", r#""probabilities":[1],"target":[1]"#), nothing);
    let wrong = ask("kl_div", r#""log_q":[0]"#);
    assert!(wrong["error"].as_str().unwrap().starts_with("kl_divergence: "), "{wrong}");
}

/// Values of PyTorch 2.15.
#[test]
fn means_of_counts_and_the_mean_over_transcripts() {
    let close = |line: &str, expected: f64| {
        let answer = answer_to(line);
        let found = answer["value"].as_f64().unwrap_or_else(|| panic!("{answer}"));
        assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
    };
    close(
        r#"{"loss":"poisson_nll_loss","reduce":"sum","inputs":{"log_rate":[0.5],"target":[1.5]}}"#,
        0.898_721_270_700_128_2,
    );
    close(
        r#"{"loss":"ctc_loss","reduce":"mean","inputs":{"logits":[[[1,2,3],[0,1,0]],[[2,1,0],[0,0,1]],[[0.5,0,1],[1,0,0]]]},
            "targets":{"targets":[[1,2],[1,1]],"target_lengths":[2,1]}}"#
            .replace('\n', " ")
            .as_str(),
        1.264_987_545_182_876_7,
    );
}

#[test]
fn no_number_of_bins_fills_the_memory() {
    let line = r#"{"loss":"expected_calibration_error","params":{"bins":1e18},"inputs":{"probabilities":[[0.5,0.5]]},
        "targets":{"labels":[1]}}"#;
    let said = "expected_calibration_error: bins is 1000000000000000000 and must be a whole number from 1 to 100000";
    assert_eq!(answer_to(&line.replace('\n', " "))["error"], json!(said));
}

#[test]
fn hessian_vector_products() {
    let answer = huber(r#","hvp":{"prediction":{"shape":[3],"data":[2.0,2.0,2.0]}}"#);
    assert_eq!(answer["hvp"]["prediction"]["data"], json!([2.0, 0.0, 0.0]));
}

#[test]
fn what_is_not_finite_travels_as_words() {
    let answer = answer_to(
        r#"{"id":1,"loss":"squared_error","inputs":{"prediction":{"shape":[3],"data":["nan","inf","-inf"]}},
        "targets":{"target":{"shape":[3],"data":[0,0,0]}}}"#
            .replace('\n', " ")
            .as_str(),
    );
    assert_eq!(answer["value"]["data"], json!(["nan", "inf", "inf"]));
}

#[test]
fn single_precision_is_single() {
    let line =
        r#"{"loss":"squared_error","dtype":"f32","reduce":"sum","inputs":{"prediction":0.1},"targets":{"target":0}}"#;
    assert_eq!(answer_to(line)["value"], json!(f64::from(0.1f32 * 0.1f32)));
}

#[test]
fn a_bad_line_gives_an_error_and_the_rest_go_on() {
    let lines = format!(
        "not json\n\n{{\"id\":2,\"loss\":\"hubber\"}}\n{{\"id\":3,\"loss\":\"huber\"}}\n{{\"id\":4,{}}}\n[1]\n",
        HUBER.replace('\n', " ")
    );
    let answers = answers(&lines);
    assert_eq!(answers.len(), 5);
    assert_eq!(answers[0], json!({ "id": null, "error": "line 1: expected ident at column 2" }));
    let said = |at: usize| answers[at]["error"].as_str().unwrap().to_owned();
    assert!(said(1).contains("did you mean `huber`"));
    assert_eq!(said(2), "huber: prediction is missing");
    assert!(answers[3]["error"].is_null() && answers[3]["id"] == 4);
    assert_eq!(said(4), "a request is an object");
}

#[test]
fn mistakes_are_named() {
    for (line, expected) in [
        (
            r#"{"loss":"huber","inputs":{"prediction":{"shape":[2],"data":[1]}}}"#,
            "prediction: [2] holds another number of entries than `data` has, 1",
        ),
        (r#"{"loss":"huber","inputs":{"prediction":[[1,2],[3]]}}"#, "prediction: its lists have different lengths"),
        (r#"{"loss":"huber","inputs":{"prediction":["x"]}}"#, "prediction: the entry at position 0 is no number"),
        (
            r#"{"loss":"huber","reduction":"sum"}"#,
            "there is no field `reduction`; there are id, loss, params, inputs, targets, reduce, grad, dtype, hvp",
        ),
        (r#"{"loss":"huber","dtype":"f16"}"#, "`dtype` must be \"f64\" or \"f32\""),
        (
            r#"{"loss":"huber","params":{"delta":-1},"inputs":{"prediction":[1]},"targets":{"target":[1]}}"#,
            "huber: delta is -1 and must be greater than 0",
        ),
        (
            r#"{"loss":"huber","inputs":{"prediction":[1]},"targets":{"target":[1,2]}}"#,
            "huber: prediction [1] and target [2] must have the same shape",
        ),
        (
            r#"{"loss":"huber","reduce":"max","inputs":{"prediction":[1]},"targets":{"target":[1]}}"#,
            "`reduce` must be \"none\", \"sum\" or \"mean\"",
        ),
    ] {
        assert_eq!(answer_to(line)["error"], json!(expected), "{line}");
    }
}
