//! Reductions of truth values and whole numbers.

use minimand_tensor::{DType, Tensor};

use super::{agree, normal};

#[test]
fn truth_values_have_extremes_along_every_axis() {
    let x = Tensor::from([[true, true], [false, true]]);
    assert_eq!(x.max_axis(1).to_vec::<bool>(), [true, true]);
    assert_eq!(x.min_axis(1).to_vec::<bool>(), [true, false]);
    assert_eq!(x.max_keepdim(-1).to_vec::<bool>(), [true, true]);
    assert_eq!(x.min_keepdim(0).to_vec::<bool>(), [false, true]);
    assert_eq!(x.max().to_vec::<bool>(), [true]);
    assert_eq!(x.min().to_vec::<bool>(), [false]);
    for shape in [&[3, 5][..], &[2, 3, 17], &[1, 1], &[4, 1, 3], &[70, 3], &[3, 600]] {
        agree(|| {
            let x = normal(shape, 1);
            let positive = x.gt(0.3);
            let mut roots = vec![positive.clone()];
            for axis in 0..x.rank() {
                let (most, least) = (positive.max_keepdim(axis), positive.min_axis(axis));
                // Alone, with others, and as a mask of what they were taken from.
                roots.extend([most.select(&x, 0), most.clone(), least.clone(), least.cast(DType::F64) * 2.0]);
                roots.push(x.lt(0.0).max_axis(axis) & positive.max_axis(axis));
                roots.push((x.sum_axis(axis) * positive.max_axis(axis).cast(DType::F64)).exp());
                roots.push(x.eq(x.max_keepdim(axis)).max_axis(axis));
                roots.push(x.gt(0).cast(DType::I64).max_axis(axis));
                roots.push(x.cast(DType::I64).min_keepdim(axis) + x.gt(0).sum_keepdim(axis));
            }
            roots.extend([positive.max(), positive.min(), positive.sum(), x.ne(&x).max()]);
            roots
        });
    }
}
