//! Scatters of every kind against sums place by place.

use std::panic::Location;
use std::sync::Arc;

use super::scatter_add;
use crate::exec::threads::{set_threads, threads};
use crate::exec::view::View;
use crate::formula::Noise;
use crate::shape::Shape;
use crate::storage::Storage;

/// The values and the indices of one piece, whose entries are whole numbers.
struct Example {
    values: View,
    index: View,
}

fn view(storage: Storage, shape: &[usize]) -> View {
    View::contiguous(Arc::new(storage), Shape::from(shape))
}

/// So many entries along an axis of a shape, with an index for each, or one for each row of them; `below` are the places that indices name.
fn example(noise: &mut Noise, shape: &[usize], axis: usize, count: usize, by_rows: bool, below: usize) -> Example {
    let mut over = shape.to_vec();
    over[axis] = count;
    let mut index_shape = over.clone();
    if by_rows {
        index_shape[axis + 1..].fill(1);
    }
    let entries: usize = over.iter().product();
    let values: Vec<f32> = (0..entries).map(|_| noise.below(2000) as f32 - 1000.0).collect();
    let indices: Vec<i64> = (0..index_shape.iter().product()).map(|_| noise.below(below) as i64).collect();
    Example {
        values: view(Storage::F32(values.into()), &over),
        index: view(Storage::I64(indices.into()), &index_shape),
    }
}

/// Every entry of a view, in order.
fn entries(view: &View, over: &Shape) -> Vec<f64> {
    let whole = View { shape: over.clone(), strides: view.strides_in(over), ..view.clone() };
    whole.to_storage().convert::<f64>()
}

fn expected(pieces: &[Example], axis: usize, shape: &Shape) -> Vec<f64> {
    let mut sums = vec![0.0; shape.elements()];
    let inner: usize = shape[axis + 1..].iter().product();
    for Example { values, index } in pieces {
        let count = index.shape[axis];
        let over = shape.with(axis, count);
        let (values, indices) = (entries(values, &over), entries(index, &over));
        for (number, (value, place)) in values.into_iter().zip(indices).enumerate() {
            let (before, within) = (number / (count * inner), number % inner);
            sums[(before * shape[axis] + place as usize) * inner + within] += value;
        }
    }
    sums
}

#[track_caller]
fn check(pieces: &[Example], axis: usize, shape: &[usize]) {
    let shape = Shape::from(shape);
    let wanted = expected(pieces, axis, &shape);
    let before = threads();
    for count in [1, 2, 5] {
        set_threads(count);
        for dtype in [Storage::F32(vec![].into()), Storage::F64(vec![].into()), Storage::I64(vec![].into())] {
            let cast = |view: &View| {
                let numbers = view.storage.convert::<f64>();
                let storage = match dtype {
                    Storage::F32(_) => Storage::F32(numbers.iter().map(|&x| x as f32).collect::<Vec<_>>().into()),
                    Storage::F64(_) => Storage::F64(numbers.into()),
                    _ => Storage::I64(numbers.iter().map(|&x| x as i64).collect::<Vec<_>>().into()),
                };
                View { storage: Arc::new(storage), ..view.clone() }
            };
            let values: Vec<View> = pieces.iter().map(|piece| cast(&piece.values)).collect();
            let inputs: Vec<&View> = values.iter().chain(pieces.iter().map(|piece| &piece.index)).collect();
            let found = scatter_add(&inputs, axis, &shape, Location::caller()).convert::<f64>();
            assert!(found.iter().all(|sum| sum.to_bits() != (-0.0f64).to_bits()), "a sum of nothing is 0");
            assert_eq!(found, wanted, "{shape} along {axis}, {count} threads, {:?}", dtype.dtype());
        }
    }
    set_threads(before);
}

#[test]
fn each_place_is_the_sum_of_its_entries() {
    let mut noise = Noise::seed(5);
    // The shape, the axis, and how many entries each piece has.
    let cases: &[(&[usize], usize, &[usize])] = &[
        (&[5], 0, &[3]),
        (&[50], 0, &[7]),
        (&[900], 0, &[40, 3]),
        (&[30], 0, &[25, 4]),
        (&[8], 0, &[40_000]),
        (&[8], 0, &[20_000, 30_001, 1]),
        (&[7, 4], 0, &[6]),
        (&[500, 130], 0, &[300, 420]),
        (&[3000, 40], 0, &[900]),
        (&[4, 2500], 0, &[9, 2]),
        (&[3, 60, 5], 1, &[20, 30]),
        (&[40, 20, 300], 1, &[30]),
        (&[6, 9], 1, &[3, 30]),
        (&[300, 500], 1, &[200]),
        (&[300, 500], 1, &[20]),
        (&[2, 3, 4], 1, &[1, 2]),
        (&[5, 3], 0, &[0]),
    ];
    for &(shape, axis, counts) in cases {
        for by_rows in [true, false] {
            // Few places, so that many entries meet, or all.
            for below in [1, 2, shape[axis]] {
                let example = |&count: &usize| example(&mut noise, shape, axis, count, by_rows, below.min(shape[axis]));
                let pieces: Vec<Example> = counts.iter().map(example).collect();
                check(&pieces, axis, shape);
            }
        }
    }
}

/// As the adjoint of an order: every place once.
#[test]
fn entries_with_places_of_their_own() {
    let mut noise = Noise::seed(6);
    for (shape, axis) in [(&[97][..], 0), (&[40_009], 0), (&[50, 700], 1), (&[70, 60], 0)] {
        for left_out in [0, 1, 30] {
            let count = shape[axis] - left_out;
            let mut piece = example(&mut noise, shape, axis, count, false, 1);
            let numbers = 0..piece.index.shape.elements();
            let inner: usize = shape[axis + 1..].iter().product();
            let places = numbers.map(|number| (number / inner % count * 31 % shape[axis]) as i64);
            piece.index.storage = Arc::new(Storage::I64(places.collect::<Vec<_>>().into()));
            check(&[piece], axis, shape);
        }
    }
}

/// Transposed, repeated and reversed entries and indices.
#[test]
fn views_are_scattered_as_they_are_seen() {
    let mut noise = Noise::seed(7);
    for by_rows in [true, false] {
        let shape = [11, 6];
        let mut turned = example(&mut noise, &[6, 8], 0, 6, true, 1).values;
        (turned.shape, turned.strides) = (Shape::from([8, 6]), [1, 8].as_slice().into());
        let mut repeated = example(&mut noise, &[8, 6], 0, 8, by_rows, 11);
        repeated.values.strides = [0, 1].as_slice().into();
        let index = example(&mut noise, &[8, 6], 0, 8, by_rows, 11).index;
        let mut backwards = example(&mut noise, &[8, 6], 0, 8, by_rows, 11);
        let last = backwards.index.shape.elements() as isize - 1;
        backwards.index.strides.iter_mut().for_each(|stride| *stride = -*stride);
        backwards.index.offset = last;
        check(&[Example { values: turned, index }, repeated, backwards], 0, &shape);
    }
}

/// The first index that is wrong is named, in the caller's thread, whatever adds up the entries.
#[test]
fn an_index_out_of_range_is_refused() {
    let mut noise = Noise::seed(8);
    for (shape, counts) in
        [(&[9, 4][..], [5, 7]), (&[9], [5, 7]), (&[3], [40_000, 40_000]), (&[100_000], [40, 50]), (&[0, 3], [2, 2])]
    {
        for wrong in [-1, shape[0] as i64, i64::MAX] {
            let mut pieces = counts.map(|count| example(&mut noise, shape, 0, count, true, shape[0].max(1)));
            if shape[0] > 0 {
                let mut indices = pieces[1].index.storage.convert::<i64>();
                let at = indices.len() - 1;
                indices[at] = i64::MIN;
                indices[at - 1] = wrong;
                pieces[1].index.storage = Arc::new(Storage::I64(indices.into()));
            }
            let named = if shape[0] == 0 { 0 } else { wrong };
            let inputs = [&pieces[0].values, &pieces[1].values, &pieces[0].index, &pieces[1].index];
            let refused = std::panic::catch_unwind(|| scatter_add(&inputs, 0, &Shape::from(shape), Location::caller()));
            let text = *refused.expect_err("it is refused").downcast::<String>().expect("a text");
            assert!(text.contains(&format!("index {named} is out of range for an axis of {}", shape[0])), "{text}");
        }
    }
}
