use std::panic::Location;
use std::sync::Arc;

use super::find_non_finite;
use crate::op::{Binary, Op, Unary};
use crate::program::{Instruction, Recorded};
use crate::storage::Storage;
use crate::{DType, Shape};

const NUMBERS: [f64; 15] =
    [0.0, -0.0, 1.0, -1.0, -2.0, 0.5, -0.5, 2.5, 90.0, 800.0, -800.0, 1e200, -1e200, 1.7e308, -1.7e308];

fn recorded(op: Op, operands: &[f64]) -> Recorded {
    let mut recorded = Recorded::default();
    let here = Location::caller();
    let slots = operands.iter().map(|&operand| {
        let data = Arc::new(Storage::F64(vec![operand].into()));
        recorded.slot(data, Shape::from([1]), here)
    });
    let inputs = slots.collect();
    let number = recorded.push(Instruction { op, inputs, shape: Shape::from([1]), dtype: DType::F64 }, here);
    recorded.program.outputs = vec![number];
    recorded
}

/// A reason that blames an overflow or an infinity where it is not the operands' size is none.
fn assert_found(op: Op, operands: &[f64], result: f64) -> bool {
    let found = find_non_finite(&recorded(op.clone(), operands), &[]);
    assert_eq!(found.is_some(), !result.is_finite(), "{} of {operands:?} is {result}", op.name());
    let Some(found) = found else { return false };
    assert_eq!(found.at.operation, op.name());
    assert_eq!(found.operands.len(), operands.len());
    let large = operands.iter().any(|operand| operand.abs() > 80.0);
    assert!(large || !found.reason.contains("overflow"), "{} of {operands:?}: {}", op.name(), found.reason);
    assert!(!found.reason.contains('∞') && !found.reason.contains("infinite"), "{}: {}", op.name(), found.reason);
    true
}

/// Every unary operation at numbers inside, at the end of and outside its domain.
#[test]
fn every_unary_operation_is_found_where_it_leaves_the_numbers() {
    let mut kinds = Vec::new();
    for &unary in Unary::ALL {
        for x in NUMBERS {
            if assert_found(Op::Unary(unary), &[x], unary.apply(x)) && kinds.last() != Some(&unary) {
                kinds.push(unary);
            }
        }
    }
    assert!(kinds.len() >= 8, "{kinds:?}");
}

#[test]
fn every_binary_operation_is_found_where_it_leaves_the_numbers() {
    let mut kinds = Vec::new();
    for &binary in Binary::ALL.iter().filter(|binary| binary.comparison().is_none()) {
        for x in NUMBERS {
            for y in NUMBERS {
                if assert_found(Op::Binary(binary), &[x, y], binary.apply(x, y)) && kinds.last() != Some(&binary) {
                    kinds.push(binary);
                }
            }
        }
    }
    assert!(kinds.len() >= 5, "{kinds:?}");
}
