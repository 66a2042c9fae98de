//! What a module is: a function of a tensor that names its parts. All else follows from the names.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use minimand_tensor::{Parameter, Tensor, observe};

use crate::buffer::Buffer;
use crate::generator::Generator;
use crate::summary::{Identity, ParameterCount, Summary, summary};

/// A function of a tensor with parameters: a layer, a model, or a part of one.
///
/// An implementation says two things: what it computes, and what its parts are. From the parts follow the parameters with
/// their paths, the switch between training and evaluation, and checkpoints.
///
/// ```
/// use minimand_nn::{Linear, Module, Parts};
/// use minimand_tensor::{Parameter, Rng, Tensor};
///
/// /// `x + scale · inner(x)`
/// struct Residual {
///     inner: Linear,
///     scale: Parameter,
/// }
///
/// impl Module for Residual {
///     fn forward(&self, input: &Tensor) -> Tensor {
///         input + self.scale.value() * self.inner.forward(input)
///     }
///     fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
///         parts.module("inner", &self.inner).parameter("scale", &self.scale);
///     }
/// }
///
/// let inner = Linear::new(3, 3, &mut Rng::seed(7));
/// let model = Residual { inner, scale: Parameter::new("scale", Tensor::zeros([])) };
/// let names: Vec<String> = model.named_parameters().into_iter().map(|(name, _)| name).collect();
/// assert_eq!(names, ["inner.weight", "inner.bias", "scale"]);
/// assert_eq!(model.forward(&Tensor::ones([1, 3])).to_string(), "[[1, 1, 1]]"); // the scale is still 0
/// ```
pub trait Module: Send + Sync {
    /// The output for an input. It is built from the current values of the parameters; nothing is computed yet.
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor;

    /// Names the parts: parameters, buffers, inner modules, and the mode if the module behaves differently in training. What is not
    /// named here is neither trained nor stored. A module without parts leaves the body empty.
    fn parts<'a>(&'a self, parts: &mut Parts<'a>);

    /// The parameters with their paths, such as `layers.0.weight`, in the order of the parts. One that is used in several
    /// places ([tied weights](crate::Linear::from_parameters)) is listed once, under its first path. Each is [named](Parameter::named) by its path, so that messages,
    /// [`Tensor::explain`] and the state of an optimizer say `layers.0.weight`.
    ///
    /// # Panics
    /// When two different parameters, or a parameter and a buffer, have the same path.
    #[doc(alias = "state_dict")]
    #[track_caller]
    fn named_parameters(&self) -> Vec<(String, Parameter)> {
        let (parameters, _) = named_values(self, "named_parameters");
        parameters
            .into_iter()
            .map(|(path, parameter)| {
                let parameter = parameter.named(&*path);
                (path, parameter)
            })
            .collect()
    }

    /// The buffers with their paths, such as `layers.1.running_mean`, in the order of the parts: what is stored with the model and not
    /// trained. One that is used in several places is listed once, under its first path. Each is [named](Buffer::named) by its path.
    ///
    /// # Panics
    /// When two different buffers, or a buffer and a parameter, have the same path.
    #[track_caller]
    fn named_buffers(&self) -> Vec<(String, Buffer)> {
        let (_, buffers) = named_values(self, "named_buffers");
        buffers
            .into_iter()
            .map(|(path, buffer)| {
                let buffer = buffer.named(&*path);
                (path, buffer)
            })
            .collect()
    }

    /// The parameters, for an optimizer: as [`named_parameters`](Module::named_parameters), without the paths beside them. Those that are
    /// [frozen](Module::freeze) are among them: an optimizer leaves them as they are for as long as they are frozen.
    ///
    /// # Panics
    /// When two different parameters, or a parameter and a buffer, have the same path.
    #[track_caller]
    fn parameters(&self) -> Vec<Parameter> {
        self.named_parameters().into_iter().map(|(_, parameter)| parameter).collect()
    }

    /// A copy of the module, with parameters and modes of its own, for a container that does not know its type. The layers of this crate
    /// have one: their `Clone`. A module without one (the default) cannot be cloned as a part of a [`Sequential`](crate::Sequential) or
    /// behind a `Box<dyn Module>`.
    ///
    /// ```
    /// # use minimand_nn::{Module, Parts};
    /// # use minimand_tensor::{Parameter, Tensor};
    /// struct Scale(Parameter);
    ///
    /// impl Clone for Scale {
    ///     /// An independent copy: a derived `Clone` would share the parameter.
    ///     fn clone(&self) -> Scale {
    ///         Scale(self.0.copied())
    ///     }
    /// }
    ///
    /// impl Module for Scale {
    ///     fn forward(&self, input: &Tensor) -> Tensor {
    ///         self.0.value() * input
    ///     }
    ///     fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
    ///         parts.parameter("scale", &self.0);
    ///     }
    ///     fn clone_boxed(&self) -> Option<Box<dyn Module>> {
    ///         Some(Box::new(self.clone()))
    ///     }
    /// }
    /// # let model: Box<dyn Module> = Box::new(Scale(Parameter::new("scale", Tensor::ones([]))));
    /// # let copy = model.clone();
    /// # model.parameters()[0].set(Tensor::zeros([]));
    /// # assert_eq!(copy.parameters()[0].value().item(), 1.0);
    /// ```
    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        None
    }

    /// Freezes the parameters at or below a path: `encoder` those of the part called `encoder`, the empty path all. Optimizers leave them as they
    /// are, whatever weight decay and momentum are, until they are [unfrozen](Module::unfreeze); gradients flow through the part as before. As
    /// PyTorch's `requires_grad_(False)`.
    ///
    /// A buffer is no parameter: a batch normalisation goes on with its running statistics, as in PyTorch, unless its part is switched to
    /// [evaluation](Module::eval). Another choice is a loop over [`named_parameters`](Module::named_parameters).
    ///
    /// ```
    /// use minimand_nn::{Activation, Linear, Module};
    /// use minimand_optim::{AdamW, AdamWOptions, Optimizer};
    /// use minimand_tensor::{Rng, Tensor};
    ///
    /// let mut rng = Rng::seed(7);
    /// let model = (Linear::new(4, 8, &mut rng), Activation::Relu, Linear::new(8, 3, &mut rng));
    /// let mut adamw = AdamW::new(model.parameters(), AdamWOptions::default());
    /// model.freeze("0");
    /// assert_eq!(model.parameter_count().to_string(), "67 parameters (40 frozen), 268 bytes");
    ///
    /// let before = model.0.weight().value();
    /// adamw.step(&model.forward(&Tensor::ones([5, 4])).square().mean())?;
    /// assert_eq!(model.0.weight().value().to_vec::<f32>(), before.to_vec::<f32>());
    ///
    /// model.unfreeze("");
    /// for (path, parameter) in model.named_parameters() {
    ///     parameter.set_frozen(path.ends_with("bias")); // weights only
    /// }
    /// assert_eq!(model.parameter_count().trained, 56);
    /// # Ok::<(), minimand_optim::StepError>(())
    /// ```
    ///
    /// # Panics
    /// When there is no parameter at or below the path, or two different ones have the same.
    #[doc(alias = "requires_grad")]
    #[track_caller]
    fn freeze(&self, path: &str) {
        set_frozen(self, path, true);
    }

    /// Lets the parameters at or below a path be trained again: the reverse of [`freeze`](Module::freeze).
    ///
    /// # Panics
    /// As [`freeze`](Module::freeze).
    #[track_caller]
    fn unfreeze(&self, path: &str) {
        set_frozen(self, path, false);
    }

    /// How many numbers there are in the parameters and buffers: all, and those that are trained.
    #[doc(alias = "numel")]
    fn parameter_count(&self) -> ParameterCount {
        summary(self, None).count
    }

    /// The modules, parameters and buffers as a table, to be printed or read.
    fn summary(&self) -> Summary {
        summary(self, None)
    }

    /// As [`summary`](Module::summary), with the shapes of the outputs that an input of this shape has: a forward pass in evaluation is built, and not
    /// computed. The output is known of the module itself, of the layers of this crate, and of what a [`Sequential`](crate::Sequential) or a tuple
    /// has applied.
    ///
    /// # Panics
    /// Where the forward pass does.
    #[track_caller]
    fn summary_for(&self, input: &Tensor) -> Summary {
        summary(self, Some(input))
    }

    /// Where the module is and of which type it is: how [`summary_for`](Module::summary_for) knows whose output it has seen. Of a pointer it is the
    /// identity of what it points to.
    fn identity(&self) -> Identity {
        let address = std::ptr::from_ref(self).cast::<()>().addr();
        Identity { address, type_name: std::any::type_name::<Self>() }
    }

    /// Switches this module and all inside it to training, in which dropout drops. Modules start in training.
    fn train(&self) {
        set_training(self, true);
    }

    /// Switches this module and all inside it to evaluation, in which dropout is the identity.
    fn eval(&self) {
        set_training(self, false);
    }
}

impl Clone for Box<dyn Module> {
    /// An independent copy.
    ///
    /// # Panics
    /// When the module, or one inside it, has no [`clone_boxed`](Module::clone_boxed).
    fn clone(&self) -> Box<dyn Module> {
        (**self)
            .clone_boxed()
            .expect("clone: a module of this model does not say how it is copied: Module::clone_boxed")
    }
}

/// With their paths.
type Named<T> = Vec<(String, T)>;

/// The parameters and the buffers of a module with their paths, each listed once.
#[track_caller]
fn named_values<M: Module + ?Sized>(module: &M, operation: &str) -> (Named<Parameter>, Named<Buffer>) {
    let mut found = Parts::default();
    module.parts(&mut found);
    let (mut parameters, mut buffers) = (Named::<Parameter>::new(), Named::<Buffer>::new());
    found.visit("", &mut |path, part| match part {
        Part::Parameter(parameter) => {
            if !parameters.iter().any(|(_, known)| known.is_same(parameter)) {
                parameters.push((path.to_owned(), (*parameter).clone()));
            }
        }
        Part::Buffer(buffer) => {
            if !buffers.iter().any(|(_, known)| known.is_same(buffer)) {
                buffers.push((path.to_owned(), (*buffer).clone()));
            }
        }
        Part::Module(_) | Part::Generator(_) | Part::Mode(_) => {}
    });
    let mut paths = HashSet::new();
    if let Some((path, _)) = parameters.iter().find(|(path, _)| !paths.insert(path)) {
        panic!("{operation}: two different parameters have the path {path}");
    }
    if let Some((path, _)) = buffers.iter().find(|(path, _)| !paths.insert(path)) {
        panic!("{operation}: a buffer and another part have the path {path}");
    }
    (parameters, buffers)
}

/// Calls a function with the mode of a module and of all inside it.
fn for_modes<M: Module + ?Sized>(module: &M, mut each: impl FnMut(&Mode)) {
    let mut found = Parts::default();
    module.parts(&mut found);
    found.visit("", &mut |_, part| {
        if let Part::Mode(mode) = part {
            each(mode);
        }
    });
}

fn set_training<M: Module + ?Sized>(module: &M, training: bool) {
    for_modes(module, |mode| mode.0.store(training, Ordering::Relaxed));
}

/// A module and all inside it in evaluation; each goes back to its own mode when this is dropped.
pub(crate) struct Evaluation(Vec<(Arc<AtomicBool>, bool)>);

impl Evaluation {
    pub(crate) fn of<M: Module + ?Sized>(module: &M) -> Evaluation {
        let mut before = Vec::new();
        for_modes(module, |mode| before.push((Arc::clone(&mode.0), mode.0.swap(false, Ordering::Relaxed))));
        Evaluation(before)
    }
}

impl Drop for Evaluation {
    fn drop(&mut self) {
        // Backwards: a module that is a part twice is first seen in its own mode.
        self.0.iter().rev().for_each(|(mode, training)| mode.store(*training, Ordering::Relaxed));
    }
}

#[track_caller]
fn set_frozen<M: Module + ?Sized>(module: &M, path: &str, frozen: bool) {
    let is_below = |name: &str| {
        let rest = name.strip_prefix(path);
        rest.is_some_and(|rest| path.is_empty() || rest.is_empty() || rest.starts_with('.'))
    };
    let mut found = module.named_parameters();
    found.retain(|(name, _)| is_below(name));
    let operation = if frozen { "freeze" } else { "unfreeze" };
    assert!(path.is_empty() || !found.is_empty(), "{operation}: the model has no parameter at or below {path}");
    found.iter().for_each(|(_, parameter)| parameter.set_frozen(frozen));
}

/// The parts of a module, listed by [`Module::parts`].
#[derive(Default)]
pub struct Parts<'a>(Vec<(Cow<'a, str>, Part<'a>)>);

pub(crate) enum Part<'a> {
    Parameter(&'a Parameter),
    Buffer(&'a Buffer),
    Generator(&'a Generator),
    Module(&'a dyn Module),
    Mode(&'a Mode),
}

impl<'a> Parts<'a> {
    /// A parameter, with its name within the module.
    pub fn parameter(&mut self, name: impl Into<Cow<'a, str>>, parameter: &'a Parameter) -> &mut Parts<'a> {
        self.0.push((name.into(), Part::Parameter(parameter)));
        self
    }

    /// A [buffer](Buffer), with its name within the module: stored, and not trained.
    pub fn buffer(&mut self, name: impl Into<Cow<'a, str>>, buffer: &'a Buffer) -> &mut Parts<'a> {
        self.0.push((name.into(), Part::Buffer(buffer)));
        self
    }

    /// A [random generator](Generator), with its name within the module: part of the training state.
    pub fn generator(&mut self, name: impl Into<Cow<'a, str>>, generator: &'a Generator) -> &mut Parts<'a> {
        self.0.push((name.into(), Part::Generator(generator)));
        self
    }

    /// An inner module, with its name within the module. The paths of its parameters begin with it.
    pub fn module(&mut self, name: impl Into<Cow<'a, str>>, module: &'a dyn Module) -> &mut Parts<'a> {
        self.0.push((name.into(), Part::Module(module)));
        self
    }

    /// The mode, which [`train`](Module::train) and [`eval`](Module::eval) then switch.
    pub fn mode(&mut self, mode: &'a Mode) -> &mut Parts<'a> {
        self.0.push((Cow::Borrowed(""), Part::Mode(mode)));
        self
    }

    /// The parts with their names within the module.
    pub(crate) fn list(&self) -> &[(Cow<'a, str>, Part<'a>)] {
        &self.0
    }

    /// Visits all parts, those of inner modules included, with their paths below `path`.
    pub(crate) fn visit(&self, path: &str, visitor: &mut dyn FnMut(&str, &Part<'a>)) {
        for (name, part) in &self.0 {
            let below = below(path, name);
            match part {
                Part::Module(module) => {
                    let mut inner = Parts::default();
                    module.parts(&mut inner);
                    inner.visit(&below, visitor);
                }
                Part::Parameter(_) | Part::Buffer(_) | Part::Generator(_) | Part::Mode(_) => visitor(&below, part),
            }
        }
    }
}

/// The path of a part of a module.
pub(crate) fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Whether a module is being trained or evaluated: for modules that behave differently in the two, such as
/// [`Dropout`](crate::Dropout).
///
/// ```
/// use minimand_nn::{Mode, Module, Parts};
/// use minimand_tensor::Tensor;
///
/// /// Cuts the input to 0..1, but only in evaluation.
/// #[derive(Default)]
/// struct CutInEvaluation(Mode);
///
/// impl Module for CutInEvaluation {
///     fn forward(&self, input: &Tensor) -> Tensor {
///         if self.0.is_training() { input.clone() } else { input.clamp(0, 1) }
///     }
///     fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
///         parts.mode(&self.0);
///     }
/// }
///
/// let cut = CutInEvaluation::default();
/// let x = Tensor::from([-1.0, 0.5]);
/// assert_eq!(cut.forward(&x).to_string(), "[-1, 0.5]");
/// cut.eval();
/// assert_eq!(cut.forward(&x).to_string(), "[0, 0.5]");
/// ```
#[derive(Debug)]
pub struct Mode(Arc<AtomicBool>);

impl Mode {
    /// Whether the module is being trained. A function that is traced ([`compile`](minimand_tensor::compile())) and asks is traced anew when the
    /// answer is another one.
    pub fn is_training(&self) -> bool {
        let training = Arc::clone(&self.0);
        observe(move || training.load(Ordering::Relaxed))
    }
}

impl Clone for Mode {
    /// A switch of its own, in the same position.
    fn clone(&self) -> Mode {
        Mode(Arc::new(AtomicBool::new(self.is_training())))
    }
}

impl Default for Mode {
    /// Training.
    fn default() -> Mode {
        Mode(Arc::new(AtomicBool::new(true)))
    }
}
