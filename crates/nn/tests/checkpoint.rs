//! Checkpoints: round trips to the bit, every error, and saves that are cut short.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use minimand_nn::{Activation, Checkpoint, CheckpointError, Linear, Misfit, Mlp, Module, Sequential};
use minimand_tensor::{DType, Rng, Shape, Tensor};
use proptest::prelude::*;

fn model(seed: u64) -> Mlp {
    Mlp::new([2, 4, 1], Activation::Tanh, &mut Rng::seed(seed))
}

fn bits(model: &dyn Module) -> Vec<Vec<u32>> {
    let bits = |values: Vec<f32>| values.into_iter().map(f32::to_bits).collect();
    model.parameters().iter().map(|parameter| bits(parameter.value().to_vec())).collect()
}

/// Every element type, shapes of every kind, and values that are easily lost.
fn all_kinds() -> BTreeMap<String, Tensor> {
    let tensors: [(&str, Tensor); 8] = [
        ("f32", Tensor::from([f32::NAN, -0.0, f32::MIN_POSITIVE / 2.0, f32::INFINITY, 1.0 / 3.0])),
        ("f64", Tensor::from([[f64::NEG_INFINITY, 1.0 / 3.0], [f64::MAX, f64::EPSILON]])),
        ("i64", Tensor::from([i64::MIN, -1, 0, i64::MAX])),
        ("bool", Tensor::from([true, false, true])),
        ("scalar", Tensor::from(1i64 << 53 | 1)),
        ("empty", Tensor::zeros([0, 3])),
        ("lazy", Tensor::from([1.0, 2.0]).exp()),
        ("strange name: \"ü\"\n", Tensor::ones([1, 1, 2, 1, 1])),
    ];
    tensors.into_iter().map(|(name, tensor)| (name.to_owned(), tensor)).collect()
}

fn raw(tensor: &Tensor) -> Vec<u64> {
    match tensor.dtype() {
        DType::F32 => tensor.to_vec::<f32>().into_iter().map(|value| u64::from(value.to_bits())).collect(),
        DType::F64 => tensor.to_vec::<f64>().into_iter().map(f64::to_bits).collect(),
        DType::I64 => tensor.to_vec::<i64>().into_iter().map(|value| value as u64).collect(),
        DType::Bool => tensor.to_vec::<bool>().into_iter().map(u64::from).collect(),
    }
}

#[test]
fn every_kind_of_tensor_comes_back_to_the_bit() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("all.safetensors");
    let tensors = all_kinds();
    Checkpoint::from(tensors.clone()).save(&path).unwrap();
    let loaded = Checkpoint::load(&path).unwrap();
    assert_eq!(loaded.tensors().keys().collect::<Vec<_>>(), tensors.keys().collect::<Vec<_>>());
    for (name, tensor) in &tensors {
        let found = &loaded.tensors()[name];
        assert_eq!((found.dtype(), found.shape()), (tensor.dtype(), tensor.shape()), "{name}");
        assert_eq!(raw(found), raw(tensor), "{name}");
    }
    let bytes = fs::read(&path).unwrap();
    loaded.save(&path).unwrap();
    assert_eq!(fs::read(&path).unwrap(), bytes, "the same tensors make the same bytes");
    Checkpoint::new().save(&path).unwrap();
    assert!(Checkpoint::load(&path).unwrap().tensors().is_empty());
}

#[test]
fn a_model_comes_back_to_the_bit_and_a_snapshot_stays_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("model.safetensors");
    let trained = model(1);
    let before = bits(&trained);
    let best = Checkpoint::of(&trained);
    best.save(&path).unwrap();
    for parameter in trained.parameters() {
        parameter.set(parameter.value() + 1);
    }
    assert_ne!(bits(&trained), before);
    best.restore(&trained).unwrap();
    assert_eq!(bits(&trained), before);
    let other = model(2);
    Checkpoint::load(&path).unwrap().restore(&other).unwrap();
    assert_eq!(bits(&other), before);
    assert_eq!(other.parameters()[0].value().name().as_deref(), Some("layers.0.weight"));
}

#[test]
fn model_and_optimizer_share_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("run.safetensors");
    let state: BTreeMap<String, Tensor> = all_kinds();
    Checkpoint::new().with("model", Checkpoint::of(&model(1))).with("optimizer", state.clone()).save(&path).unwrap();
    let loaded = Checkpoint::load(&path).unwrap();
    let other = model(2);
    loaded.scope("model").restore(&other).unwrap();
    assert_eq!(bits(&other), bits(&model(1)));
    let found: BTreeMap<String, Tensor> = loaded.scope("optimizer").into();
    assert_eq!(found.keys().collect::<Vec<_>>(), state.keys().collect::<Vec<_>>());
    assert!(loaded.scope("opt").tensors().is_empty(), "a scope is a whole name");
}

#[test]
fn a_checkpoint_that_does_not_fit_says_all_and_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("model.safetensors");
    let mut tensors: BTreeMap<String, Tensor> = Checkpoint::of(&model(1)).into();
    tensors.remove("layers.0.bias");
    tensors.insert("layers.1.weight".into(), Tensor::zeros([4, 1]));
    tensors.insert("layers.1.bias".into(), Tensor::from([0.0f64]));
    tensors.insert("head.weight".into(), Tensor::zeros([1]));
    Checkpoint::from(tensors).save(&path).unwrap();
    let untouched = model(2);
    let error = Checkpoint::load(&path).unwrap().restore(&untouched).unwrap_err();
    assert_eq!(bits(&untouched), bits(&model(2)), "even the weight that fits is as it was");
    let expected = format!(
        "checkpoint {}: does not fit the model: layers.0.bias is missing; \
         layers.1.weight is f32[4, 1] in the checkpoint and f32[1, 4] in the model; \
         layers.1.bias is f64[1] in the checkpoint and f32[1] in the model; head.weight is unexpected",
        path.display()
    );
    assert_eq!(error.to_string(), expected);
    let CheckpointError::DoesNotFit { misfits, .. } = error else { panic!("{error}") };
    assert_eq!(misfits[0], Misfit::Missing { name: "layers.0.bias".into() });
    assert_eq!(misfits[3], Misfit::Unexpected { name: "head.weight".into() });
    let kind = |dtype, shape: [usize; 1]| (dtype, Shape::from(shape));
    let differs =
        Misfit::Differs { name: "layers.1.bias".into(), found: kind(DType::F64, [1]), wanted: kind(DType::F32, [1]) };
    assert_eq!(misfits[2], differs);
}

#[test]
fn a_long_list_of_misfits_is_cut() {
    let mut rng = Rng::seed(1);
    let deep = (0..6).fold(Sequential::new(), |model, _| model.then(Linear::new(2, 2, &mut rng)));
    let message = Checkpoint::new().restore(&deep).unwrap_err().to_string();
    assert!(message.starts_with("checkpoint: does not fit the model: 0.weight is missing; 0.bias is missing; "));
    assert!(message.ends_with("3.bias is missing; and 4 more"), "{message}");
}

/// A file of the format, from its header and its data.
fn file(header: &str, data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
}

#[test]
fn every_kind_of_damage_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("bad.safetensors");
    let name = path.display().to_string();
    let message = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        let message = Checkpoint::load(&path).unwrap_err().to_string();
        message.strip_prefix(&format!("checkpoint {name}: ")).expect("the file is named").to_owned()
    };
    let entry = |kind: &str, shape: &str, end: usize| {
        format!(r#"{{"w":{{"dtype":"{kind}","shape":{shape},"data_offsets":[0,{end}]}}}}"#)
    };
    let damaged = "is damaged or no safetensors file: ";
    let whole = file(&entry("F32", "[2]", 8), &[0; 8]);
    let cases: [(Vec<u8>, String); 11] = [
        (vec![], format!("{damaged}header too small")),
        (b"PK\x03\x04 a zip archive".to_vec(), format!("{damaged}header too large")),
        (whole[..20].to_vec(), format!("{damaged}invalid header length")),
        (whole[..whole.len() - 1].to_vec(), format!("{damaged}incomplete metadata, file not fully covered")),
        ([&whole[..], &[0]].concat(), format!("{damaged}incomplete metadata, file not fully covered")),
        (file(&entry("F32", "[3]", 8), &[0; 8]), format!("{damaged}invalid shape, data type, or offset for tensor")),
        (
            file(&entry("F32", "[4611686018427387904,4]", 8), &[0; 8]),
            format!("{damaged}overflow computing buffer size from shape and/or element type"),
        ),
        (
            file(&entry("F32", "[0,4611686018427387904]", 0), &[]),
            format!("{damaged}w has the shape [0, 4611686018427387904], more than memory could hold"),
        ),
        (file(&entry("BOOL", "[2]", 2), &[1, 2]), format!("{damaged}w holds the truth value 2")),
        (
            file(&entry("F8_E4M3", "[4]", 4), &[0; 4]),
            "w holds F8_E4M3; only f16, bf16, f32, f64, integers and bool can be read".into(),
        ),
        (
            file(&entry("U64", "[1]", 8), &[255; 8]),
            format!("{damaged}w holds 18446744073709551615, which is beyond i64"),
        ),
    ];
    for (bytes, expected) in cases {
        assert_eq!(message(&bytes), expected);
    }
    assert!(message(&file(r#"{"w":"#, &[])).starts_with(&format!("{damaged}invalid JSON in header")));
    assert!(message(&file("\u{7f}", &[])).starts_with(damaged));

    fs::remove_file(&path).unwrap();
    let error = Checkpoint::load(&path).unwrap_err().to_string();
    assert!(error.starts_with(&format!("checkpoint {name}: cannot be read: ")), "{error}");
    let nowhere = directory.path().join("missing/model.safetensors");
    let error = Checkpoint::of(&model(1)).save(&nowhere).unwrap_err().to_string();
    assert!(error.starts_with(&format!("checkpoint {}: cannot be written: ", nowhere.display())), "{error}");
    let error = Checkpoint::from_iter([("__metadata__".into(), Tensor::ones([1]))]).save(&path).unwrap_err();
    assert!(error.to_string().ends_with("a tensor cannot be called __metadata__: the format reserves the name"));
    assert!(!path.exists());
}

proptest! {
    /// Bytes changed, cut or added anywhere: an error or tensors, never a panic.
    #[test]
    fn a_damaged_file_never_panics(at in 0usize..400, byte: u8, cut: bool) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("model.safetensors");
        Checkpoint::from(all_kinds()).save(&path).unwrap();
        let mut bytes = fs::read(&path).unwrap();
        if cut {
            bytes.truncate(at % bytes.len());
        } else {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        fs::write(&path, &bytes).unwrap();
        let loaded = Checkpoint::load(&path);
        prop_assert!(!cut || loaded.is_err());
    }
}

#[test]
#[should_panic(expected = "with: the checkpoint already holds a tensor called a.b.c")]
fn a_name_is_given_once() {
    let one = || [("b.c".to_owned(), Tensor::ones([1]))];
    let _ = Checkpoint::new().with("a", one()).with("a.b", [("c".to_owned(), Tensor::ones([1]))]);
}

/// Large enough that a kill falls into the middle of a write.
fn large(value: f64) -> Checkpoint {
    Checkpoint::from_iter([("w".to_owned(), Tensor::full([1 << 20], value))])
}

const SAVE_TO: &str = "MINIMAND_TEST_SAVE_TO";

/// Not a test of its own: the process that the next test kills. It saves one checkpoint over another for ever.
#[test]
#[ignore = "run by a_process_killed_while_saving_leaves_a_whole_file"]
fn save_for_ever() {
    let Some(path) = std::env::var_os(SAVE_TO) else { return };
    let (one, two) = (large(1.0), large(2.0));
    loop {
        one.save(&path).unwrap();
        two.save(&path).unwrap();
    }
}

#[test]
fn a_process_killed_while_saving_leaves_a_whole_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("model.safetensors");
    large(0.0).save(&path).unwrap();
    // Killed ever later, until some saves have been cut short and some have been finished.
    let (mut cut_short, mut finished, mut delay) = (0, 0, Duration::from_micros(200));
    while cut_short < 3 || finished < 3 {
        assert!(delay < Duration::from_secs(30), "{cut_short} saves were cut short and {finished} finished");
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "save_for_ever", "--ignored"])
            .env(SAVE_TO, &path)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        wait_for_a_save(directory.path());
        std::thread::sleep(delay);
        delay = delay * 3 / 2;
        child.kill().unwrap();
        child.wait().unwrap();
        let loaded = Checkpoint::load(&path).expect("the old file or the new, but a whole one");
        let values = loaded.tensors()["w"].to_vec::<f32>();
        assert!(values.iter().all(|&value| value == values[0]), "half of one and half of the other");
        finished += u32::from(values[0] != 0.0);
        for entry in fs::read_dir(directory.path()).unwrap() {
            let entry = entry.unwrap().path();
            if entry != path {
                fs::remove_file(entry).unwrap();
                cut_short += 1;
            }
        }
        large(0.0).save(&path).unwrap();
    }
}

/// Waits until somebody has begun to write into the directory.
fn wait_for_a_save(directory: &Path) {
    let state = || -> Vec<_> {
        let entries = fs::read_dir(directory).unwrap().flatten();
        entries.map(|entry| (entry.path(), entry.metadata().and_then(|data| data.modified()).ok())).collect()
    };
    let (before, start) = (state(), Instant::now());
    while state() == before {
        assert!(start.elapsed() < Duration::from_secs(60), "the other process does not save");
        std::thread::sleep(Duration::from_micros(200));
    }
}
