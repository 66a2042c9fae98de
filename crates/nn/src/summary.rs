//! A model as a table: its modules, their parameters, what comes out of them.

use std::cell::RefCell;
use std::fmt;

use minimand_tensor::{DType, Parameter, Shape, Tensor};

use crate::buffer::Buffer;
use crate::module::{Evaluation, Module, Part, Parts, below};

/// The parts of a model as a table: see [`Module::summary`].
///
/// ```
/// use minimand_nn::{Activation, Linear, Module, Sequential};
/// use minimand_tensor::{Rng, Tensor};
///
/// let mut rng = Rng::seed(7);
/// let model = Sequential::new()
///     .then(Linear::new(4, 8, &mut rng))
///     .then(Activation::Relu)
///     .then(Linear::new(8, 3, &mut rng));
/// model.freeze("0");
/// assert_eq!(
///     model.summary_for(&Tensor::zeros([32, 4])).to_string(),
///     "\
/// Module        Shape   Count  Output
/// Sequential                   [32, 3]
/// 0 Linear                     [32, 8]
///   weight      [8, 4]     32  frozen
///   bias        [8]         8  frozen
/// 1 Activation                 [32, 8]
/// 2 Linear                     [32, 3]
///   weight      [3, 8]     24
///   bias        [3]         3
/// 67 parameters (40 frozen), 268 bytes"
/// );
/// ```
#[doc(alias = "torchinfo")]
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The modules, outermost first, each before those inside it.
    pub modules: Vec<ModuleSummary>,
    /// The number of parameters.
    pub count: ParameterCount,
}

/// A module of a model, without those inside it.
#[derive(Clone, Debug, PartialEq)]
pub struct ModuleSummary {
    /// Its path, such as `layers.0`; empty for the model itself.
    pub path: String,
    /// Its type, such as `Linear`.
    pub kind: String,
    /// The shape of its output, where it is known: see [`Module::summary_for`].
    pub output: Option<Shape>,
    /// Its own parameters and buffers.
    pub values: Vec<ValueSummary>,
}

/// A parameter or a buffer of a module.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueSummary {
    /// Its name within the module.
    pub name: String,
    /// Its shape.
    pub shape: Shape,
    /// Its element type.
    pub dtype: DType,
    /// How it takes part in training.
    pub role: Role,
}

/// How a value of a model takes part in training.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// A parameter that optimizers move.
    Trained,
    /// A parameter that is [frozen](minimand_tensor::Parameter::set_frozen).
    Frozen,
    /// A [buffer](crate::Buffer): stored and not trained.
    Buffer,
    /// The same as one before, whose path this is; it is counted there.
    Tied(String),
}

/// How many numbers a model is made of: see [`Module::parameter_count`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ParameterCount {
    /// Numbers in parameters, those that are tied counted once.
    pub total: usize,
    /// Numbers in parameters that are not [frozen](minimand_tensor::Parameter::set_frozen).
    pub trained: usize,
    /// Numbers in [buffers](crate::Buffer), which are not part of the total.
    pub buffers: usize,
    /// What parameters and buffers take in memory, in bytes.
    pub bytes: usize,
}

impl ParameterCount {
    fn add(&mut self, value: &ValueSummary) {
        let elements = value.shape.elements();
        match value.role {
            Role::Tied(_) => return,
            Role::Trained => (self.total, self.trained) = (self.total + elements, self.trained + elements),
            Role::Frozen => self.total += elements,
            Role::Buffer => self.buffers += elements,
        }
        self.bytes += elements * value.dtype.size();
    }
}

/// What tells a module from others: see [`Module::identity`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    /// Where it is in memory. A struct and its first field may be at one place, but are of two types.
    pub address: usize,
    /// The name of its type.
    pub type_name: &'static str,
}

impl Identity {
    /// The name of the type without paths and what it is generic over.
    fn kind(self) -> String {
        let plain = self.type_name.split('<').next().unwrap_or_default();
        if plain.starts_with('(') {
            return "tuple".to_owned();
        }
        plain.rsplit("::").next().unwrap_or_default().to_owned()
    }
}

thread_local! {
    /// The outputs of modules, while a summary is made on this thread.
    static OUTPUTS: RefCell<Option<Vec<(Identity, Shape)>>> = const { RefCell::new(None) };
}

/// Applies an inner module; its output is noted when a summary is being made.
#[track_caller]
pub(crate) fn apply<M: Module + ?Sized>(module: &M, input: &Tensor) -> Tensor {
    noted(module, module.forward(input))
}

/// The output of a module, which is noted when a summary is being made: for forward passes that a module of one's own calls.
pub(crate) fn noted<M: Module + ?Sized>(module: &M, output: Tensor) -> Tensor {
    OUTPUTS.with_borrow_mut(|outputs| {
        let Some(outputs) = outputs else { return };
        // What has noted its own output is not noted again by what has applied it.
        if outputs.last().is_none_or(|(last, _)| *last != module.identity()) {
            outputs.push((module.identity(), output.shape().clone()));
        }
    });
    output
}

/// The summary of a module, with the outputs that an input has.
#[track_caller]
pub(crate) fn summary<M: Module + ?Sized>(module: &M, input: Option<&Tensor>) -> Summary {
    /// Ends the notes, also when a forward pass panics.
    struct End;
    impl Drop for End {
        fn drop(&mut self) {
            OUTPUTS.take();
        }
    }
    let mut outputs = Vec::new();
    if let Some(input) = input {
        OUTPUTS.set(Some(Vec::new()));
        let _end = End;
        let _evaluation = Evaluation::of(module);
        apply(module, input);
        outputs = OUTPUTS.take().unwrap_or_default();
    }
    let mut summary = Summary { modules: Vec::new(), count: ParameterCount::default() };
    let mut parts = Parts::default();
    module.parts(&mut parts);
    let root = ModuleSummary::of("", module, &mut outputs);
    summary.list(root, &parts, &mut outputs, &mut Vec::new());
    summary
}

impl ModuleSummary {
    /// A module without its values; the first of its outputs is taken away.
    fn of<M: Module + ?Sized>(path: &str, module: &M, outputs: &mut Vec<(Identity, Shape)>) -> ModuleSummary {
        let identity = module.identity();
        let noted = outputs.iter().position(|(other, _)| *other == identity);
        let output = noted.map(|position| outputs.remove(position).1);
        ModuleSummary { path: path.to_owned(), kind: identity.kind(), output, values: Vec::new() }
    }
}

impl Summary {
    /// Adds a module with its values, then those inside it.
    fn list<'a>(
        &mut self,
        module: ModuleSummary,
        parts: &Parts<'a>,
        outputs: &mut Vec<(Identity, Shape)>,
        known: &mut Vec<(Value<'a>, String)>,
    ) {
        let (at, path) = (self.modules.len(), module.path.clone());
        self.modules.push(module);
        for (name, part) in parts.list() {
            let below = below(&path, name);
            let value = match part {
                Part::Parameter(parameter) => Value::Parameter(parameter),
                Part::Buffer(buffer) => Value::Buffer(buffer),
                Part::Mode(_) | Part::Generator(_) => continue,
                Part::Module(inner) => {
                    let mut parts = Parts::default();
                    inner.parts(&mut parts);
                    let inner = ModuleSummary::of(&below, *inner, outputs);
                    self.list(inner, &parts, outputs, known);
                    continue;
                }
            };
            let (shape, dtype, mut role) = value.describe();
            match known.iter().find(|(other, _)| other.is_same(&value)) {
                Some((_, first)) => role = Role::Tied(first.clone()),
                None => known.push((value, below)),
            }
            let value = ValueSummary { name: name.to_string(), shape, dtype, role };
            self.count.add(&value);
            self.modules[at].values.push(value);
        }
    }
}

/// What a module stores.
enum Value<'a> {
    Parameter(&'a Parameter),
    Buffer(&'a Buffer),
}

impl Value<'_> {
    fn describe(&self) -> (Shape, DType, Role) {
        let kind = |value: Tensor, role| (value.shape().clone(), value.dtype(), role);
        match self {
            Value::Parameter(parameter) if parameter.is_frozen() => kind(parameter.value(), Role::Frozen),
            Value::Parameter(parameter) => kind(parameter.value(), Role::Trained),
            Value::Buffer(buffer) => kind(buffer.value(), Role::Buffer),
        }
    }

    fn is_same(&self, other: &Value<'_>) -> bool {
        match (self, other) {
            (Value::Parameter(one), Value::Parameter(other)) => one.is_same(other),
            (Value::Buffer(one), Value::Buffer(other)) => one.is_same(other),
            (Value::Parameter(_), Value::Buffer(_)) | (Value::Buffer(_), Value::Parameter(_)) => false,
        }
    }
}

/// The widths beyond which a column is not made wider, so that a table has 80 columns where it can.
const WIDEST: [usize; 2] = [32, 18];

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heads = self.modules.iter().map(|module| match &*module.path {
            "" => module.kind.clone(),
            path => format!("{path} {}", module.kind),
        });
        let mut lines = vec![["Module".to_owned(), "Shape".to_owned(), "Count".to_owned(), "Output".to_owned()]];
        for (head, module) in heads.zip(&self.modules) {
            let output = module.output.as_ref().map(Shape::to_string).unwrap_or_default();
            lines.push([head, String::new(), String::new(), output]);
            for value in &module.values {
                let element = if value.dtype == DType::F32 { String::new() } else { value.dtype.to_string() };
                let role = match &value.role {
                    Role::Trained => String::new(),
                    Role::Frozen => "frozen".to_owned(),
                    Role::Buffer => "buffer".to_owned(),
                    Role::Tied(first) => format!("= {first}"),
                };
                let count = if matches!(value.role, Role::Tied(_)) { 0 } else { value.shape.elements() };
                lines.push([format!("  {}", value.name), format!("{element}{}", value.shape), grouped(count), role]);
            }
        }
        let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
        let widths = [width(0).min(WIDEST[0]), width(1).min(WIDEST[1]), width(2)];
        for line in &lines {
            let mut text = String::new();
            let mut end = 0;
            for (column, entry) in line.iter().enumerate() {
                // An entry that is too long pushes the others to the right, on its own line only.
                let room = end.max(text.chars().count());
                let room = widths.get(column).map_or(0, |width| end + width).saturating_sub(room);
                match column {
                    2 => text += &format!("{entry:>room$}"),
                    _ => text += &format!("{entry:<room$}"),
                }
                end += widths.get(column).map_or(0, |width| width + 2);
                text += "  ";
            }
            writeln!(f, "{}", text.trim_end())?;
        }
        write!(f, "{}", self.count)
    }
}

impl fmt::Display for ParameterCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} parameters", grouped(self.total))?;
        if self.trained < self.total {
            write!(f, " ({} frozen)", grouped(self.total - self.trained))?;
        }
        if self.buffers > 0 {
            write!(f, ", {} in buffers", grouped(self.buffers))?;
        }
        write!(f, ", {}", memory(self.bytes))
    }
}

/// A number with its digits in groups of three.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn memory(bytes: usize) -> String {
    let (size, unit) = match bytes {
        0..10_000 => return format!("{} bytes", grouped(bytes)),
        10_000..1_000_000 => (1e3, "kB"),
        1_000_000..1_000_000_000 => (1e6, "MB"),
        1_000_000_000.. => (1e9, "GB"),
    };
    format!("{:.1} {unit}", bytes as f64 / size)
}
