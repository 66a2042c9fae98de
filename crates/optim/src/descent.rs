//! The driver that all optimizers share: it knows parameters, groups, schedules and clipping, and nothing of any update rule.

use std::borrow::Borrow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use minimand_tensor::{DType, Parameter, Tensor};

use crate::clip::Clipping;
use crate::optimizer::Optimizer;
use crate::proposal::Proposal;
use crate::recipe::{Recipe, Unmoved, check, clipped, gradients};
use crate::rule::{OptionsError, Rates, StepContext, Update, UpdateRule, require_non_negative};
use crate::schedule::{PlateauState, ReduceOnPlateau, Schedule};
use crate::state::{OptimizerState, PLATEAU, StateError, check_groups, check_rates, kind};
use crate::step::{NonFinite, Step, StepError};

/// An optimizer that follows the update rule `R`: [`Sgd`](crate::Sgd), [`Adam`](crate::Adam), [`AdamW`](crate::AdamW), or one of your
/// own.
#[derive(Debug)]
pub struct Descent<R> {
    groups: Vec<Group<R>>,
    steps: u64,
    schedule: Schedule,
    plateau: Option<(ReduceOnPlateau, PlateauState)>,
    clipping: Option<Clipping>,
    non_finite: NonFinite,
}

/// Parameters that share their options.
#[derive(Debug)]
struct Group<R> {
    rule: Arc<R>,
    /// The base rate, before the schedule.
    learning_rate: f64,
    members: Vec<Member>,
}

/// A parameter and what is remembered of it.
#[derive(Debug)]
struct Member {
    parameter: Parameter,
    /// The parameter's name, made unique within the optimizer.
    name: Arc<str>,
    /// Leaves of the graph, in the order of the rule's state names.
    state: Vec<Tensor>,
}

impl<R> Group<R> {
    /// The members that a step changes: those that are not [frozen](Parameter::is_frozen).
    fn trained(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| !member.parameter.is_frozen())
    }
}

impl<R: UpdateRule> Descent<R> {
    /// An optimizer of the given parameters.
    ///
    /// # Panics
    /// When there is no parameter, one is given twice or is not floating point, or an option is out of its range (ask
    /// [`validate`](UpdateRule::validate) first where options come from outside).
    #[track_caller]
    pub fn new<P: Borrow<Parameter>>(parameters: impl IntoIterator<Item = P>, options: R) -> Descent<R> {
        let empty = Descent {
            groups: Vec::new(),
            steps: 0,
            schedule: Schedule::Constant,
            plateau: None,
            clipping: None,
            non_finite: NonFinite::Refuse,
        };
        empty.with_group(parameters, options)
    }

    /// Adds parameters with other options: another learning rate, or no weight decay for biases.
    ///
    /// ```
    /// use minimand_optim::{AdamW, AdamWOptions, Optimizer};
    /// use minimand_tensor::{Parameter, Tensor};
    ///
    /// let (weight, bias) = (Parameter::new("weight", Tensor::from([1.0])), Parameter::new("bias", Tensor::from([1.0])));
    /// let options = AdamWOptions { learning_rate: 0.5, weight_decay: 0.5, ..Default::default() };
    /// let mut adamw = AdamW::new([&weight], options).with_group([&bias], AdamWOptions { weight_decay: 0.0, ..options });
    /// adamw.step(&(weight.value() + bias.value()).sum())?;
    /// assert_eq!(format!("{:.6} {:.6}", weight.value(), bias.value()), "[0.250000] [0.500000]");
    /// # Ok::<(), minimand_optim::StepError>(())
    /// ```
    ///
    /// # Panics
    /// As [`new`](Descent::new); when a step has been taken already.
    #[must_use]
    #[track_caller]
    pub fn with_group<P: Borrow<Parameter>>(
        mut self,
        parameters: impl IntoIterator<Item = P>,
        options: R,
    ) -> Descent<R> {
        let optimizer = options.name();
        assert!(self.steps == 0, "{optimizer}: groups are added before the first step, not after {}", self.steps);
        accept(check_rate(optimizer, options.learning_rate()).and_then(|()| options.validate()));
        let mut known = self.parameters();
        let mut members = Vec::new();
        for parameter in parameters {
            let parameter = parameter.borrow();
            let value = parameter.value();
            let (name, position) = (parameter.name(), known.len());
            if let Some(first) = known.iter().position(|other| other.is_same(parameter)) {
                panic!("{optimizer}: parameter \"{name}\" is given twice, at positions {first} and {position}");
            }
            assert!(
                value.dtype().is_float(),
                "{optimizer}: parameter \"{name}\" is {}: it has no gradient",
                kind(&value)
            );
            if let Some(rank) = options.required_rank() {
                let found = kind(&value);
                assert!(
                    value.rank() == rank,
                    "{optimizer}: parameter \"{name}\" is {found}: it must have {rank} axes; give it to another optimizer, or to a group with \
                     another rule (Mixed)"
                );
            }
            accept(options.validate_for(value.dtype()));
            known.push(parameter.clone());
            let state = options.state_names().iter().map(|name| filled(&value, options.initial_state(name))).collect();
            members.push(Member { parameter: parameter.clone(), name: Arc::clone(name), state });
        }
        assert!(!members.is_empty(), "{optimizer}: there is no parameter to optimize");
        self.groups.push(Group { learning_rate: options.learning_rate(), rule: Arc::new(options), members });
        self.name_members();
        self
    }

    /// Applies a schedule to the learning rate of every step. See [`Schedule`] for how steps are counted.
    ///
    /// # Panics
    /// When an option of the schedule is out of its range.
    #[must_use]
    #[track_caller]
    pub fn with_schedule(mut self, schedule: Schedule) -> Descent<R> {
        accept(schedule.validate());
        self.schedule = schedule;
        self
    }

    /// Lowers the learning rates when a metric has stopped to improve, which [`observe`](Optimizer::observe) is told.
    ///
    /// # Panics
    /// When an option is out of its range.
    #[must_use]
    #[track_caller]
    pub fn with_plateau(mut self, plateau: ReduceOnPlateau) -> Descent<R> {
        accept(plateau.validate());
        self.plateau = Some((plateau, plateau.start()));
        self
    }

    /// Clips the gradients of every step, those of all groups together. Without it they are not clipped.
    ///
    /// # Panics
    /// When the limit is not a finite number above 0.
    #[must_use]
    #[track_caller]
    pub fn with_clipping(mut self, clipping: Clipping) -> Descent<R> {
        accept(clipping.validate());
        self.clipping = Some(clipping);
        self
    }

    /// Says what happens when a step meets a number that is not finite. Without it the step is refused.
    #[must_use]
    pub fn with_non_finite(mut self, policy: NonFinite) -> Descent<R> {
        self.non_finite = policy;
        self
    }

    fn members(&self) -> impl Iterator<Item = &Member> {
        self.groups.iter().flat_map(|group| &group.members)
    }

    /// The members that a step changes.
    fn trained(&self) -> impl Iterator<Item = &Member> {
        self.groups.iter().flat_map(Group::trained)
    }

    /// The present value of every parameter that a step changes.
    fn values(&self) -> Vec<Tensor> {
        self.trained().map(|member| member.parameter.value()).collect()
    }

    /// Gradients that do not fit the parameters are a bug of the caller's program.
    #[track_caller]
    fn check_gradients(&self, loss: &Tensor, gradients: &[Tensor], values: &[Tensor]) {
        let (optimizer, found) = (self.groups[0].rule.name(), kind(loss));
        let is_scalar = loss.dtype().is_float() && loss.rank() == 0;
        assert!(is_scalar, "{optimizer}: the loss of a step is {found}: it must be a floating-point scalar");
        let (given, wanted) = (gradients.len(), values.len());
        assert!(given == wanted, "{optimizer}: {given} gradients are given for {wanted} parameters");
        for ((member, value), gradient) in self.trained().zip(values).zip(gradients) {
            let (name, expected, found) = (&member.name, kind(value), kind(gradient));
            assert!(
                found == expected,
                "{optimizer}: the gradient of parameter \"{name}\" is {found}, and must be {expected}"
            );
        }
    }

    fn members_mut(&mut self) -> impl Iterator<Item = &mut Member> {
        self.groups.iter_mut().flat_map(|group| &mut group.members)
    }

    /// Every member's slots of state: its full name and the present tensor.
    fn slots(&self) -> impl Iterator<Item = (String, &Tensor)> {
        self.groups.iter().flat_map(|group| {
            group.members.iter().flat_map(|member| {
                let names = group.rule.state_names().iter();
                names.zip(&member.state).map(|(state, tensor)| (format!("{}.{state}", member.name), tensor))
            })
        })
    }

    /// A parameter keeps its name; where several have the same, each of these is told apart by its position.
    fn name_members(&mut self) {
        let names: Vec<Arc<str>> = self.members().map(|member| Arc::clone(member.parameter.name())).collect();
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for name in &names {
            *counts.entry(name).or_default() += 1;
        }
        let numbered = |(position, name): (usize, &Arc<str>)| Arc::from(format!("{position}.{name}"));
        let told_apart = |(position, name): (usize, &Arc<str>)| {
            if counts[&**name] == 1 { Arc::clone(name) } else { numbered((position, name)) }
        };
        let mut unique: Vec<Arc<str>> = names.iter().enumerate().map(told_apart).collect();
        // Another parameter may bear the name that a number has made.
        if unique.iter().collect::<HashSet<_>>().len() < unique.len() {
            unique = names.iter().enumerate().map(numbered).collect();
        }
        for (member, name) in self.members_mut().zip(unique) {
            member.name = name;
        }
    }

    /// What the schedule says for the next step of each group.
    fn rates(&self) -> impl Iterator<Item = Rates> {
        let momentum = self.schedule.momentum(self.steps);
        self.learning_rates().into_iter().map(move |learning_rate| Rates { learning_rate, momentum })
    }

    /// The updates of all parameters, as the rules state them.
    #[track_caller]
    fn updates(&self, values: &[Tensor], gradients: &[Tensor]) -> Vec<Update> {
        let mut values = values.iter().zip(gradients);
        let mut updates = Vec::new();
        for (group, rates) in self.groups.iter().zip(self.rates()) {
            for (member, (theta, g)) in group.trained().zip(&mut values) {
                let context = StepContext::new(self.steps + 1, rates, theta.dtype());
                let update = group.rule.update(theta, g, &member.state, &context);
                check(&update, theta, member.state.len(), &member.name, group.rule.name());
                updates.push(update);
            }
        }
        updates
    }
}

impl<R: UpdateRule> Descent<R> {
    /// Takes a step that has been computed, unless it is refused.
    pub(crate) fn take(&mut self, proposal: Proposal) -> Result<Step, StepError> {
        let number = self.steps + 1;
        let names: Vec<Arc<str>> = self.trained().map(|member| Arc::clone(&member.name)).collect();
        match self.non_finite {
            NonFinite::Refuse => proposal.judge(number, &names)?,
            NonFinite::Allow => {}
        }

        let norms = proposal.norms();
        let step = Step {
            number,
            loss: proposal.loss(),
            learning_rate: self.learning_rate(),
            gradient_norm: norms.iter().copied().fold(0.0, f64::hypot),
            gradient_norms: names.into_iter().zip(norms).collect(),
        };
        // All is computed and accepted: nothing below can fail. Parameters first, then state: the order they were made in at first, so that
        // the second step finds the plan of the first.
        for (member, update) in self.trained().zip(&proposal.updates) {
            member.parameter.set(update.theta.clone());
        }
        let trained = self.members_mut().filter(|member| !member.parameter.is_frozen());
        for (member, update) in trained.zip(proposal.updates) {
            member.state = update.state.iter().map(Tensor::detach).collect();
        }
        self.steps = number;
        Ok(step)
    }

    /// Why no step is taken on a loss that moves nothing.
    pub(crate) fn unmoved(&self, unmoved: Unmoved, loss: Option<&Tensor>) -> StepError {
        let step = self.next();
        let is_read = |member: &&Member| loss.is_none_or(|loss| member.parameter.is_stale_in(loss));
        let names =
            |members: &mut dyn Iterator<Item = &Member>| members.map(|member| Arc::clone(&member.name)).collect();
        match unmoved {
            Unmoved::Stale => StepError::StaleLoss { step, parameters: names(&mut self.trained().filter(is_read)) },
            Unmoved::Unrelated => StepError::UnrelatedLoss { step, parameters: names(&mut self.trained()) },
        }
    }

    /// The run-time scalars of the next step, in the order in which the updates ask for them: those of each parameter.
    pub(crate) fn scalars(&self) -> Vec<Vec<Tensor>> {
        let mut scalars = Vec::new();
        for (group, rates) in self.groups.iter().zip(self.rates()) {
            // The rule is asked once for each element type: its numbers depend on nothing else.
            let mut known: Vec<(DType, Vec<Tensor>)> = Vec::new();
            for member in group.trained() {
                let dtype = member.parameter.value().dtype();
                if let Some((_, found)) = known.iter().find(|(other, _)| *other == dtype) {
                    scalars.push(found.clone());
                    continue;
                }
                let zero = Tensor::zeros(vec![1; group.rule.required_rank().unwrap_or(0)]).cast(dtype);
                let state: Vec<Tensor> = member.state.iter().map(|_| zero.clone()).collect();
                let found = StepContext::scalars_of(self.steps + 1, rates, dtype, |context| {
                    let _ = group.rule.update(&zero, &zero, &state, context);
                });
                known.push((dtype, found.clone()));
                scalars.push(found);
            }
        }
        scalars
    }

    /// What the optimizer remembers of each parameter that a step changes.
    pub(crate) fn remembered(&self) -> impl Iterator<Item = &[Tensor]> {
        self.trained().map(|member| &member.state[..])
    }

    /// What a step does, apart from the numbers.
    pub(crate) fn recipe(&self) -> Recipe<R> {
        let members = self.groups.iter().flat_map(|group| {
            group.trained().map(|member| (member.parameter.clone(), Arc::clone(&member.name), Arc::clone(&group.rule)))
        });
        Recipe { members: members.collect(), clipping: self.clipping, non_finite: self.non_finite }
    }

    /// The number of the next step.
    pub(crate) fn next(&self) -> u64 {
        self.steps + 1
    }
}

impl<R> Recipe<R> {
    /// Whether this is how an optimizer steps: with the same parameters, the same rule for each, the same clipping and the same policy.
    pub(crate) fn is_of(&self, optimizer: &Descent<R>) -> bool {
        let mut mine = self.members.iter();
        let mut same = |member: &Member, rule: &Arc<R>| {
            mine.next().is_some_and(|(parameter, name, own)| {
                parameter.is_same(&member.parameter) && *name == member.name && Arc::ptr_eq(own, rule)
            })
        };
        optimizer.groups.iter().all(|group| group.trained().all(|member| same(member, &group.rule)))
            && mine.next().is_none()
            && self.clipping == optimizer.clipping
            && self.non_finite == optimizer.non_finite
    }
}

impl<R: UpdateRule> Optimizer for Descent<R> {
    #[track_caller]
    fn step(&mut self, loss: &Tensor) -> Result<Step, StepError> {
        let gradients = self.gradients(loss)?;
        self.step_with(loss, &gradients)
    }

    #[track_caller]
    fn gradients(&self, loss: &Tensor) -> Result<Vec<Tensor>, StepError> {
        let parameters = self.trained().map(|member| &member.parameter);
        gradients(loss, parameters, &self.values()).map_err(|unmoved| self.unmoved(unmoved, Some(loss)))
    }

    #[track_caller]
    fn step_with(&mut self, loss: &Tensor, gradients: &[Tensor]) -> Result<Step, StepError> {
        let values = self.values();
        self.check_gradients(loss, gradients, &values);
        let updates = self.updates(&values, &clipped(self.clipping, gradients));
        self.take(Proposal::new(loss, gradients, updates, self.non_finite).evaluate())
    }

    fn learning_rates(&self) -> Vec<f64> {
        self.groups.iter().map(|group| self.schedule.learning_rate(group.learning_rate, self.steps)).collect()
    }

    #[track_caller]
    fn set_learning_rate(&mut self, learning_rate: f64) {
        for group in &mut self.groups {
            accept(check_rate(group.rule.name(), learning_rate));
            group.learning_rate = learning_rate;
        }
    }

    #[track_caller]
    fn observe(&mut self, metric: f64) -> bool {
        let Some((plateau, state)) = &mut self.plateau else {
            let optimizer = self.groups[0].rule.name();
            panic!("{optimizer}: it observes no metric: give it a ReduceOnPlateau first (with_plateau)");
        };
        let mut lowered = false;
        if plateau.observe(metric, state) {
            for group in &mut self.groups {
                let rate = plateau.reduced(group.learning_rate);
                lowered |= rate < group.learning_rate;
                group.learning_rate = rate;
            }
        }
        lowered
    }

    fn parameters(&self) -> Vec<Parameter> {
        self.members().map(|member| member.parameter.clone()).collect()
    }

    fn steps(&self) -> u64 {
        self.steps
    }

    fn state(&self) -> OptimizerState {
        OptimizerState {
            steps: self.steps,
            learning_rates: self.groups.iter().map(|group| group.learning_rate).collect(),
            plateau: self.plateau.map(|(_, state)| state),
            tensors: self.slots().map(|(name, tensor)| (name, tensor.clone())).collect(),
        }
    }

    fn load_state(&mut self, state: &OptimizerState) -> Result<(), StateError> {
        check_rates(&state.learning_rates)?;
        check_groups(&state.learning_rates, self.groups.len())?;
        match (&self.plateau, &state.plateau) {
            (Some(_), None) => return Err(StateError::Missing { name: PLATEAU.to_owned() }),
            (None, Some(_)) => return Err(StateError::Unexpected { name: PLATEAU.to_owned() }),
            (Some(_), Some(_)) | (None, None) => {}
        }
        let mut unknown: HashSet<&String> = state.tensors.keys().collect();
        let mut loaded = Vec::new();
        for (name, present) in self.slots() {
            let Some(tensor) = state.tensors.get(&name) else { return Err(StateError::Missing { name }) };
            let (expected, found) = (kind(present), kind(tensor));
            if found != expected {
                return Err(StateError::Mismatch { name, expected, found });
            }
            unknown.remove(&name);
            loaded.push(tensor);
        }
        if let Some(name) = unknown.into_iter().min() {
            return Err(StateError::Unexpected { name: name.clone() });
        }
        minimand_tensor::eval(loaded.iter().copied());
        let mut loaded = loaded.into_iter().map(Tensor::detach);
        for member in self.members_mut() {
            for tensor in &mut member.state {
                *tensor = loaded.next().expect("one tensor was found for each slot");
            }
        }
        for (group, rate) in self.groups.iter_mut().zip(&state.learning_rates) {
            group.learning_rate = *rate;
        }
        if let (Some((_, present)), Some(loaded)) = (&mut self.plateau, state.plateau) {
            *present = loaded;
        }
        self.steps = state.steps;
        Ok(())
    }
}

fn check_rate(optimizer: &'static str, learning_rate: f64) -> Result<(), OptionsError> {
    require_non_negative(optimizer, "learning_rate", learning_rate)
}

/// Panics in the caller's name when options are out of their range.
#[track_caller]
fn accept(checked: Result<(), OptionsError>) {
    if let Err(error) = checked {
        panic!("{error}");
    }
}

/// One number in the shape and type of `tensor`, as a leaf that needs no evaluation.
fn filled(tensor: &Tensor, number: f64) -> Tensor {
    match tensor.dtype() {
        DType::F32 => Tensor::from_vec(vec![number as f32; tensor.elements()], tensor.shape()),
        DType::F64 => Tensor::from_vec(vec![number; tensor.elements()], tensor.shape()),
        DType::Bool | DType::I64 => unreachable!("only floating-point parameters are accepted"),
    }
}
