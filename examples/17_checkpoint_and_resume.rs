//! A training run that may be stopped at any moment, and goes on from its file to the same bits.
//!
//! `cargo run --release --example 17_checkpoint_and_resume` stops a run on purpose and compares.
//! With `-- run.safetensors` it trains with that file: press Ctrl-C, or kill it, and run it again.

use std::path::Path;

use minimand::prelude::*;
use minimand_examples::digits;

type AnyError = Box<dyn std::error::Error>;

const EPOCHS: u64 = 4;

/// Everything that changes while a model is trained.
struct Run {
    model: Mlp,
    adam: Adam,
    rng: Rng,
    epoch: u64,
    /// Where the epoch is, once it has begun.
    position: Option<Checkpoint>,
}

impl Run {
    fn new() -> Run {
        let mut rng = Rng::seed(7);
        let options = MlpOptions { dropout: 0.2, ..Default::default() };
        let model = Mlp::with_options([64, 32, 10], options, &mut rng);
        let options = AdamOptions { learning_rate: 3e-3, ..Default::default() };
        let schedule = Schedule::Cosine { period: 57 * EPOCHS, minimum: 0.0 };
        let adam = Adam::new(model.parameters(), options).with_schedule(schedule);
        Run { model, adam, rng, epoch: 0, position: None }
    }

    /// One file for all of it. It takes the place of the old one when it is whole: whenever the program is killed, one of the two is there.
    fn save(&self, path: &Path) -> Result<(), CheckpointError> {
        let mut checkpoint = Checkpoint::new()
            .with("model", Checkpoint::of_training(&self.model)) // weights, and the generator of dropout's masks
            .with("adam", self.adam.state().into_named_tensors()) // moments, the number of steps and so the schedule
            .and_rng("rng", &self.rng) // what shuffles the next epochs
            .and_count("epoch", self.epoch);
        if let Some(position) = &self.position {
            checkpoint = checkpoint.with("position", position.clone());
        }
        checkpoint.save(path)
    }

    fn load(path: &Path) -> Result<Run, AnyError> {
        let (stored, mut run) = (Checkpoint::load(path)?, Run::new());
        stored.scope("model").restore(&run.model)?;
        run.adam.load_state(&OptimizerState::from_named_tensors(stored.scope("adam"))?)?;
        run.rng = stored.rng("rng")?;
        run.epoch = stored.count("epoch")?;
        let position = stored.scope("position");
        run.position = (!position.tensors().is_empty()).then_some(position);
        Ok(run)
    }

    /// Trains to the end, and calls `after` after every step, which says whether to go on.
    fn train(&mut self, mut after: impl FnMut(&Run, f64) -> Result<bool, AnyError>) -> Result<(), AnyError> {
        let (pixels, labels) = digits()?;
        let batches = Batches::new([&pixels], 32);
        while self.epoch < EPOCHS {
            let mut epoch = match self.position.take() {
                Some(position) => batches.resume(&position)?,
                None => batches.shuffled(&mut self.rng),
            };
            while let Some((rows, [x])) = epoch.next_with_rows() {
                let loss = cross_entropy(&self.model.forward(&x), &labels.select(&rows)).mean();
                let step = self.adam.step(&loss)?;
                self.position = Some(epoch.state());
                if !after(self, step.loss())? {
                    return Ok(());
                }
            }
            (self.epoch, self.position) = (self.epoch + 1, None);
        }
        Ok(())
    }

    fn bits(&self) -> Vec<u32> {
        self.model.parameters().iter().flat_map(|weights| weights.value().to_vec::<f32>()).map(f32::to_bits).collect()
    }
}

/// Trains with a file: from its beginning if there is none, else from where the last program was stopped.
fn train_with(path: &Path) -> Result<(), AnyError> {
    let mut run = if path.exists() { Run::load(path)? } else { Run::new() };
    println!("{} steps are done", run.adam.steps());
    run.train(|run, loss| {
        if run.adam.steps() % 10 == 0 {
            run.save(path)?;
            println!("step {:3}   loss {loss:.4}   saved", run.adam.steps());
        }
        Ok(true)
    })?;
    run.save(path)?;
    println!("trained: {}", run.model.parameter_count());
    Ok(())
}

/// Stops a run after so many steps and goes on in a new one; says whether the weights in the end are those of a run that was never stopped.
fn stopped_after(steps: u64, path: &Path) -> Result<bool, AnyError> {
    let mut whole = Run::new();
    whole.train(|_, _| Ok(true))?;

    let mut first = Run::new();
    first.train(|run, loss| {
        if run.adam.steps() == steps {
            println!("stopped after step {steps}, in epoch {}, at a loss of {loss:.4}", run.epoch + 1);
            run.save(path)?;
        }
        Ok(run.adam.steps() < steps)
    })?;
    drop(first);

    let mut second = Run::load(path)?;
    second.train(|run, loss| {
        if run.adam.steps() == steps + 1 {
            println!("went on with step {}, at a loss of {loss:.4}", steps + 1);
        }
        Ok(true)
    })?;
    Ok(second.bits() == whole.bits())
}

fn main() -> Result<(), AnyError> {
    if let Some(path) = std::env::args_os().nth(1) {
        return train_with(Path::new(&path));
    }
    let path = std::env::temp_dir().join(format!("minimand-17-{}.safetensors", std::process::id()));
    let same = stopped_after(100, &path)?;
    std::fs::remove_file(&path)?;
    println!(
        "the weights at the end are {} of a run that was never stopped",
        if same { "the very bits" } else { "NOT those" }
    );
    Ok(())
}

#[test]
fn a_run_that_was_stopped_ends_with_the_bits_of_one_that_was_not() {
    let path = std::env::temp_dir().join(format!("minimand-17-test-{}.safetensors", std::process::id()));
    // In the middle of the first epoch, after its last step, and before the last step of all.
    for steps in [10, 57, 227] {
        assert!(stopped_after(steps, &path).unwrap(), "stopped after {steps}");
    }
    train_with(&path).unwrap();
    assert_eq!(Run::load(&path).unwrap().epoch, EPOCHS);
    std::fs::remove_file(&path).unwrap();
}
