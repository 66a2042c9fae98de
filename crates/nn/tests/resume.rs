//! Training that is stopped anywhere and goes on from its checkpoint: the same bits as without a stop.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use minimand_nn::{
    Activation, Batches, Buffer, Checkpoint, CheckpointError, Dropout, Generator, Linear, Mode, Module, Parts,
    Sequential,
};
use minimand_optim::{Adam, AdamOptions, CompiledStep, Optimizer, OptimizerState, Schedule};
use minimand_tensor::{DType, Rng, Tensor};

/// Remembers the mean of what it has seen, and subtracts it with noise.
struct Centre {
    mean: Buffer,
    noise: Generator,
    mode: Mode,
}

impl Module for Centre {
    fn forward(&self, input: &Tensor) -> Tensor {
        if !self.mode.is_training() {
            return input - self.mean.value();
        }
        self.mean.update(&(0.9 * self.mean.value() + 0.1 * input.mean_axis(0)));
        input - self.mean.value() + 0.1 * self.noise.draw(|rng| Tensor::normal(input.shape(), rng))
    }
    fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
        parts.buffer("mean", &self.mean).generator("noise", &self.noise).mode(&self.mode);
    }
}

fn model(rng: &mut Rng) -> Sequential {
    let centre =
        Centre { mean: Buffer::new("mean", Tensor::zeros([8])), noise: Generator::new(rng), mode: Mode::default() };
    Sequential::new()
        .then(Linear::new(3, 8, rng))
        .then(centre)
        .then(Activation::Tanh)
        .then(Dropout::new(0.3, rng))
        .then(Linear::new(8, 1, rng))
}

const EPOCHS: u64 = 4;

/// One training run: everything that changes while it goes on.
struct Run {
    model: Arc<Sequential>,
    training: CompiledStep<AdamOptions>,
    rng: Rng,
    batches: Batches<2>,
    /// Number of the epoch.
    epoch: u64,
    /// Where the epoch is, if it has begun.
    position: Option<Checkpoint>,
}

impl Run {
    fn new() -> Run {
        let mut rng = Rng::seed(7);
        let x = Tensor::normal([50, 3], &mut rng);
        let batches = Batches::new([&x, &x.sum_axis(1).sin().unsqueeze(-1)], 8);
        let model = Arc::new(model(&mut rng));
        let options = AdamOptions { learning_rate: 0.01, ..Default::default() };
        let adam = Adam::new(model.parameters(), options).with_schedule(Schedule::Cosine { period: 28, minimum: 0.0 });
        let inner = Arc::clone(&model);
        let loss = move |data: &[Tensor]| (inner.forward(&data[0]) - &data[1]).square().mean();
        Run { training: CompiledStep::new(adam, loss), model, rng, batches, epoch: 0, position: None }
    }

    fn checkpoint(&self) -> Checkpoint {
        let state = Checkpoint::new()
            .with("model", Checkpoint::of_training(&*self.model))
            .with("optimizer", self.training.optimizer().state().into_named_tensors())
            .and_rng("rng", &self.rng)
            .and_count("epoch", self.epoch);
        match &self.position {
            Some(position) => state.with("position", position.clone()),
            None => state,
        }
    }

    fn restore(&mut self, stored: &Checkpoint) -> Result<(), Box<dyn std::error::Error>> {
        stored.scope("model").restore(&*self.model)?;
        let state = OptimizerState::from_named_tensors(stored.scope("optimizer"))?;
        self.training.optimizer_mut().load_state(&state)?;
        self.rng = stored.rng("rng")?;
        self.epoch = stored.count("epoch")?;
        let position = stored.scope("position");
        self.position = (!position.tensors().is_empty()).then_some(position);
        Ok(())
    }

    /// Trains to the end; `after` is called after every step and says whether to go on.
    fn train(&mut self, mut after: impl FnMut(&Run) -> bool) {
        while self.epoch < EPOCHS {
            let batches = self.batches.clone();
            let mut epoch = match &self.position {
                Some(position) => batches.resume(position).unwrap(),
                None => batches.shuffled(&mut self.rng),
            };
            while let Some([x, y]) = epoch.next() {
                self.training.step([&x, &y]).unwrap();
                self.position = Some(epoch.state());
                if !after(self) {
                    return;
                }
            }
            (self.epoch, self.position) = (self.epoch + 1, None);
        }
    }

    fn bits(&self) -> Vec<(String, Vec<u64>)> {
        bits(&self.checkpoint())
    }
}

fn bits(checkpoint: &Checkpoint) -> Vec<(String, Vec<u64>)> {
    let bits = |tensor: &Tensor| match tensor.dtype() {
        DType::F32 | DType::F64 => tensor.to_vec::<f64>().into_iter().map(f64::to_bits).collect(),
        DType::I64 | DType::Bool => tensor.to_vec::<i64>().into_iter().map(i64::cast_unsigned).collect(),
    };
    checkpoint.tensors().iter().map(|(name, tensor)| (name.clone(), bits(tensor))).collect()
}

/// What a run that is never stopped ends with.
fn uninterrupted() -> Vec<(String, Vec<u64>)> {
    let mut run = Run::new();
    run.train(|_| true);
    run.bits()
}

#[test]
fn a_run_that_is_stopped_after_any_step_ends_with_the_same_bits() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("run.safetensors");
    let expected = uninterrupted();
    for stop in 1..28 {
        let (mut first, mut steps) = (Run::new(), 0);
        first.train(|run| {
            run.checkpoint().save(&path).unwrap();
            steps += 1;
            steps < stop
        });
        let mut second = Run::new();
        // A program that resumes may have drawn and trained already.
        second.train(|run| run.training.optimizer().steps() < 3);
        second.restore(&Checkpoint::load(&path).unwrap()).unwrap();
        assert_eq!(second.bits(), first.bits(), "stopped after {stop}");
        second.train(|_| true);
        assert_eq!(second.bits(), expected, "stopped after {stop}");
    }
    // Without the generators it would not: the masks are others.
    let (mut first, mut second) = (Run::new(), Run::new());
    first.train(|run| run.training.optimizer().steps() < 5);
    second.train(|run| run.training.optimizer().steps() < 3);
    second.restore(&first.checkpoint().renamed(|name| (name != "model.3.generator").then(|| name.into()))).unwrap();
    second.train(|_| true);
    assert_ne!(second.bits(), expected);
}

const RUN_IN: &str = "MINIMAND_TEST_RUN_IN";

/// Not a test of its own: the process that the next test kills. It goes on from the checkpoint, saves one after every step, and says so.
#[test]
#[ignore = "run by a_run_that_is_killed_at_any_moment_ends_with_the_same_bits"]
fn train_and_save() {
    let Some(directory) = std::env::var_os(RUN_IN) else { return };
    let path = Path::new(&directory).join("run.safetensors");
    let mut run = Run::new();
    if path.exists() {
        run.restore(&Checkpoint::load(&path).unwrap()).unwrap();
    }
    println!("ready");
    run.train(|run| {
        run.checkpoint().save(&path).unwrap();
        true
    });
    run.checkpoint().save(&path).unwrap();
}

#[test]
fn a_run_that_is_killed_at_any_moment_ends_with_the_same_bits() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("run.safetensors");
    let start = || {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "train_and_save", "--ignored", "--nocapture"])
            .env(RUN_IN, directory.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let (mut rng, mut longest) = (Rng::seed(11), 100_000);
    let expected = uninterrupted();
    // After how many steps it was killed, from before the first save to many saves later; in the end it is let run.
    let mut killed_after = BTreeSet::new();
    for kills in 0.. {
        assert!(kills < 300, "killed only after {killed_after:?} steps");
        let is_enough = killed_after.len() >= 4;
        let mut child = start();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("ready")), "the run does not start from its checkpoint");
        if !is_enough {
            std::thread::sleep(Duration::from_micros(rng.below(longest) as u64));
            child.kill().unwrap();
        }
        let _ = lines.count();
        let finished = child.wait().unwrap().success();
        let stored = path.exists().then(|| Checkpoint::load(&path).expect("the old file or the new, but a whole one"));
        if finished {
            assert_eq!(bits(&stored.unwrap()), expected, "killed after {killed_after:?} steps");
            if is_enough {
                return;
            }
            // Too late: once more, and sooner.
            std::fs::remove_file(&path).unwrap();
            longest = longest * 2 / 3;
        } else if let Some(stored) = stored {
            killed_after.insert(stored.count("optimizer.steps").unwrap());
        }
    }
}

#[test]
fn what_cannot_be_resumed_is_named() {
    let batches = Batches::new([&Tensor::iota(50)], 8);
    let epoch =
        |rows: usize, size: usize| Batches::new([&Tensor::iota(rows)], size).shuffled(&mut Rng::seed(1)).state();
    let all = |checkpoint: Checkpoint| Checkpoint::new().with("position", checkpoint).scope("position");
    let message = |checkpoint: Checkpoint| batches.resume(&all(checkpoint)).unwrap_err().to_string();
    assert_eq!(message(Checkpoint::new()), "checkpoint: position.rows is missing");
    assert_eq!(message(epoch(49, 8)), "checkpoint: position.rows is 49, and must be 50, as in these batches");
    assert_eq!(message(epoch(50, 9)), "checkpoint: position.size is 9, and must be 8, as in these batches");
    let without = |name: &'static str| epoch(50, 8).renamed(move |other| (other != name).then(|| other.into()));
    let with = |name: &'static str, tensor: Tensor| without(name).and(name, tensor);
    let eight = with("taken", Tensor::from(8i64));
    assert_eq!(message(eight), "checkpoint: position.taken is 8, and must be at most 7, the batches of the epoch");
    assert_eq!(message(with("taken", Tensor::from(-1i64))), "checkpoint: position.taken is -1, and must be at least 0");
    let wrong = "checkpoint: position.taken is f64[], and must be i64[]";
    assert_eq!(message(with("taken", Tensor::from(1.0))), wrong);
    let wrong = "checkpoint: position.shuffle is i64[3], and must be i64[7], the state of a generator";
    assert_eq!(message(with("shuffle", Tensor::iota(3))), wrong);
    let wrong = "checkpoint: position.order is a list of others, and must be a list of rows that there are";
    assert_eq!(message(with("order", Tensor::from([3i64, 50]))), wrong);

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("run.safetensors");
    Checkpoint::new().and_count("epoch", 3).save(&path).unwrap();
    let error = Checkpoint::load(&path).unwrap().rng("rng").unwrap_err();
    assert_eq!(error.to_string(), format!("checkpoint {}: rng is missing", path.display()));
    assert!(matches!(error, CheckpointError::Missing { .. }));
    assert_eq!(Checkpoint::load(&path).unwrap().count("epoch").unwrap(), 3);
}
