//! Plans and passes as text: what runs, in which order, where operands lie. Values have the numbers of the simplified program.
//!
//! ```text
//! pass over 3 rows of 4, f32
//! phase 0:
//!   r0 = sum of row %0               a register; an operand in memory, read as it lies
//! phase 1:
//!   %3 = divide %0 r0:row            a result in memory; one number for each row (`:one`: for all)
//!   %4 += dot %0 %0                  a sum over everything
//! ```

use std::fmt;

use crate::op::{Binary, Op, Reduction, Unary};
use crate::plan::lookup::{Lookup, LookupAxis};
use crate::plan::pairs::Pairs;
use crate::plan::pass::{
    Advance, Assembly, Load, LogisticKinds, Operation, Pair, Pass, Piece, Place, Region, Source, Spread,
    TileInstruction, Window,
};
use crate::plan::product::Product;
use crate::plan::steps::{KernelCall, Plan, ReadWhere, Work};
use crate::plan::views::Layout;

impl fmt::Display for Plan {
    /// The steps in order; what nothing needs after a step is freed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut inside = false;
        for step in &self.steps {
            if step.joined && !inside {
                writeln!(f, "block by block:")?;
            }
            inside = step.joined;
            match &step.work {
                Work::Pass(pass) => pass.fmt(f)?,
                Work::Kernel(kernel) => kernel.fmt(f)?,
                Work::Product(product) => product.fmt(f)?,
                Work::Pairs(pairs) => pairs.fmt(f)?,
            }
            if !step.released.is_empty() {
                f.write_str("free")?;
                step.released.iter().try_for_each(|value| write!(f, " %{value}"))?;
                writeln!(f)?;
            }
        }
        f.write_str("->")?;
        self.outputs.iter().try_for_each(|output| write!(f, " %{output}"))
    }
}

impl fmt::Display for KernelCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let KernelCall { value, op, inputs, read, .. } = self;
        write!(f, "%{value} = {}", op.as_ref().map_or("copy", Op::name))?;
        inputs.iter().try_for_each(|layout| write!(f, " {layout}"))?;
        for (number, ReadWhere { mask, seen }) in read.iter().enumerate() {
            write!(f, " {} {mask} is {seen}", if number == 0 { "where" } else { "and" })?;
        }
        let details = op.as_ref().map(Op::details).unwrap_or_default();
        if details.is_empty() { writeln!(f) } else { writeln!(f, " {details}") }
    }
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "%{} = {} %{} %{}", self.value, self.name(), self.left.base, self.right.base)
    }
}

impl fmt::Display for Pairs {
    /// The term, and what it is of.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Pairs { value, rows, columns, depth, reduced, term, outside, .. } = self;
        write!(f, "%{value} = {}: {term:?} along {reduced:?} of {rows} × {columns} × {depth}, of", self.name())?;
        self.values_read().try_for_each(|value| write!(f, " %{value}"))?;
        if *outside == 1.0 { writeln!(f) } else { writeln!(f, ", times {outside}") }
    }
}

impl fmt::Display for Layout {
    /// A buffer, and how it is seen, unless that is in its order from its beginning.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "%{}", self.base)?;
        offset(f, self.offset)?;
        if self.is_row_major() { Ok(()) } else { write!(f, "{} by {:?}", self.shape, self.strides) }
    }
}

fn offset(f: &mut fmt::Formatter<'_>, offset: isize) -> fmt::Result {
    if offset == 0 { Ok(()) } else { write!(f, "+{offset}") }
}

impl fmt::Display for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.by_rows {
            true => writeln!(f, "pass over {} rows of {}, {}", self.rows, self.columns, self.lane)?,
            false => writeln!(f, "pass over {} entries, {}", self.columns, self.lane)?,
        }
        let text = PassText { pass: self, registers: registers(self) };
        text.list(f, "once", &self.prologue)?;
        for (number, phase) in self.phases.iter().enumerate() {
            text.list(f, &format!("rows of phase {number}"), &phase.rows)?;
            text.list(f, &format!("phase {number}"), &phase.full)?;
        }
        Ok(())
    }
}

/// Where the registers begin that instructions use, in order.
fn registers(pass: &Pass) -> Vec<(Region, usize)> {
    let lists = pass.phases.iter().flat_map(|phase| phase.rows.iter().chain(&phase.full));
    let places =
        pass.prologue.iter().chain(lists).flat_map(|instruction| instruction.inputs.iter().chain(&instruction.outputs));
    let mut registers: Vec<(Region, usize)> = places
        .filter(|place| !matches!(place.region, Region::Memory(_)))
        .map(|place| (place.region, place.offset))
        .collect();
    registers.sort_unstable_by_key(|&(region, offset)| (region == Region::Carried, offset));
    registers.dedup();
    registers
}

struct PassText<'a> {
    pass: &'a Pass,
    registers: Vec<(Region, usize)>,
}

impl PassText<'_> {
    fn list(&self, f: &mut fmt::Formatter<'_>, title: &str, list: &[TileInstruction]) -> fmt::Result {
        if list.is_empty() {
            return Ok(());
        }
        writeln!(f, "{title}:")?;
        list.iter().try_for_each(|instruction| writeln!(f, "  {}", self.instruction(instruction)))
    }

    fn place(&self, place: Place) -> String {
        let spread = match place.spread {
            Spread::Tile => "",
            Spread::PerRow => ":row",
            Spread::Same => ":one",
        };
        let name = match place.region {
            Region::Memory(number) => {
                let memory = self.pass.memory[number as usize];
                let column = if memory.advance == Advance::Column { ":column" } else { "" };
                match memory.source {
                    Source::Input(value, 0) => format!("%{value}{column}"),
                    Source::Input(value, offset) => format!("%{value}+{offset}{column}"),
                    Source::Output(output) => format!("%{}{column}", self.pass.outputs[output as usize].value),
                }
            }
            region @ (Region::Scratch | Region::Carried) => {
                let number = self.registers.iter().position(|&other| other == (region, place.offset));
                format!("r{}", number.expect("all registers are listed"))
            }
        };
        name + spread
    }

    fn instruction(&self, instruction: &TileInstruction) -> String {
        let TileInstruction { operation, inputs, outputs } = instruction;
        let list = |places: &[Place]| places.iter().map(|&place| self.place(place)).collect::<Vec<_>>().join(" ");
        let (from, to) = (list(inputs), list(outputs));
        let result = |text: String| format!("{to} = {text}");
        let index = |number: u16| format!("%{}", self.pass.indices[number as usize].value);
        let input = |which: usize| self.place(inputs[which]);
        let accumulate = |to: String, reduction: Reduction, what: String| match reduction {
            Reduction::Sum => format!("{to} += {what}"),
            Reduction::Max | Reduction::Min => format!("{to} = {} {to} {what}", reduction.name()),
        };
        let total = |number: u16| {
            let total = &self.pass.totals[number as usize];
            (format!("%{}", total.value), total.reduction)
        };
        match *operation {
            Operation::Load(number) => result(load(&self.pass.loads[number as usize], self.pass)),
            Operation::Assemble(number) => result(assembly(&self.pass.assemblies[number as usize])),
            Operation::LookUp(number) => result(lookup(&self.pass.lookups[number as usize])),
            Operation::Spread => result(format!("spread {from}")),
            Operation::Copy => result(format!("copy {from}")),
            Operation::Truth => result(format!("truth {from}")),
            Operation::Unary(unary @ Unary::Polygamma(order)) => result(format!("{} {order} {from}", unary.name())),
            Operation::Unary(unary) => result(format!("{} {from}", unary.name())),
            Operation::Binary(binary) => result(format!("{} {from}", binary.name())),
            Operation::Pair(Pair { first, second, on_the_right }) => {
                let inner = format!("({} {} {})", Binary::from(first).name(), input(0), input(1));
                let (a, b) = if on_the_right { (input(2), inner) } else { (inner, input(2)) };
                result(format!("{} {a} {b}", Binary::from(second).name()))
            }
            Operation::CompareSelect(comparison) => {
                let compared = format!("({} {} {})", Binary::from(comparison).name(), input(0), input(1));
                result(format!("select {compared} {} {}", input(2), input(3)))
            }
            Operation::Select => result(format!("select {from}")),
            Operation::Logistic(kinds) => result(format!("{} {from}", logistic(kinds))),
            Operation::ReduceRow(reduction, _) if !outputs.is_empty() => {
                result(format!("{} of row {from}", reduction.name()))
            }
            Operation::ReduceRow(reduction, number) => accumulate(format!("row{number}"), reduction, from),
            Operation::DotRow(_) if !outputs.is_empty() => result(format!("dot of row {from}")),
            Operation::DotRow(number) => format!("row{number} += dot {from}"),
            Operation::FinishRow(number) => result(format!("row{number}")),
            Operation::ReduceTotal(number) => {
                let (value, reduction) = total(number);
                accumulate(value, reduction, from)
            }
            Operation::DotTotal(number) => format!("{} += dot {from}", total(number).0),
            Operation::Across(number) => {
                let across = &self.pass.across[number as usize];
                accumulate(format!("%{}:column", across.value), across.reduction, from)
            }
            Operation::OneHot(number) => result(format!("one_hot {}", index(number))),
            Operation::WithinRow(number) => result(format!("within_row {from} at {}", index(number))),
            Operation::Pick(number) => result(format!("pick {from} at {}", index(number))),
            Operation::Place(number) => result(format!("place {from} at {}", index(number))),
            Operation::AddPlaced(number) => {
                result(format!("add {} (place {} at {})", input(0), input(1), index(number)))
            }
            Operation::Store(number) => format!("%{} = store {from}", self.pass.outputs[number as usize].value),
        }
    }
}

/// A load with its steps, innermost first, as `size:stride`.
fn load(load: &Load, pass: &Pass) -> String {
    let steps: Vec<String> = load.steps.iter().map(|(size, stride)| format!("{size}:{stride}")).collect();
    let kind = if load.dtype == pass.lane { String::new() } else { format!(" {}", load.dtype) };
    let offset = if load.offset == 0 { String::new() } else { format!("+{}", load.offset) };
    format!("load{kind} %{}{offset} [{}]", load.value, steps.join(", "))
}

fn assembly(assembly: &Assembly) -> String {
    let mut text = String::from("assemble");
    for Piece { value, offset, windows } in &assembly.pieces {
        let from = if *offset == 0 { String::new() } else { format!("+{offset}") };
        let window = |Window { size, first, count, stride }: &Window| {
            let place = if count == size { String::new() } else { format!("@{first}+{count}") };
            format!("{size}{place}:{stride}")
        };
        let windows: Vec<String> = windows.iter().map(window).collect();
        text += &format!(" %{value}{from} [{}]", windows.join(", "));
    }
    text
}

/// A look-up with the axes of its runs, innermost first, as `size:stride in the table:stride of the index`.
fn lookup(lookup: &Lookup) -> String {
    let Lookup { table, offset, index, index_offset, run, size, stride, .. } = lookup;
    let from = |offset: &isize| if *offset == 0 { String::new() } else { format!("+{offset}") };
    let axis = |LookupAxis { size, stride, index_stride }: &LookupAxis| format!("{size}:{stride}:{index_stride}");
    let axes: Vec<String> = lookup.axes.iter().map(axis).collect();
    let (first, first_index) = (from(offset), from(index_offset));
    format!("look_up {run} of %{table}{first} [{size}:{stride}] at %{index}{first_index} [{}]", axes.join(", "))
}

fn logistic(kinds: LogisticKinds) -> String {
    let LogisticKinds { softplus, softplus_of_negative, sigmoid, sigmoid_of_negative } = kinds;
    let names = [
        (softplus, "softplus"),
        (softplus_of_negative, "softplus-"),
        (sigmoid, "sigmoid"),
        (sigmoid_of_negative, "sigmoid-"),
    ];
    names.into_iter().filter(|(wanted, _)| *wanted).map(|(_, name)| name).collect::<Vec<_>>().join("|")
}
