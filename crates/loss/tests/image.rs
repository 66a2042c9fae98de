//! Losses of pictures: laws, borders, degenerate pictures.

mod common;

use common::{assert_close, assert_close_within, normal, panic_of, values};
use minimand_loss::*;
use minimand_tensor::{DType, Rng, Tensor, grad};

fn f32s(x: &Tensor) -> Tensor {
    x.cast(DType::F32).computed().detach()
}

fn uniform<const N: usize>(seed: u64, shape: [usize; N]) -> Tensor {
    Tensor::uniform(shape, 0.0, 1.0, &mut Rng::seed(seed)).cast(DType::F64).computed().detach()
}

/// The loss and its gradients are finite, and of the type of the inputs.
#[track_caller]
fn finite(loss: &Tensor, inputs: &[&Tensor]) {
    assert_eq!(loss.dtype(), inputs[0].dtype());
    let all = std::iter::once(loss.clone()).chain(grad(&loss.sum(), inputs.iter().copied()));
    for (which, tensor) in all.enumerate() {
        assert!(values(&tensor).iter().all(|n| n.is_finite()), "{which}: {tensor}");
    }
}

#[test]
fn trap_24_psnr_of_equal_pictures() {
    let x = f32s(&uniform(1, [2, 1, 3, 3]));
    let loss = psnr(&x, &x.detach(), PsnrOptions::default());
    assert_eq!(values(&loss), [-200.0; 2]);
    assert_eq!(values(&loss.sum().grad(&x).abs().sum()), [0.0]);
    // The ceiling counts where it is reached, and nowhere else.
    let near = &x + 1e-3;
    let loss = psnr(&near, &x, PsnrOptions { ceiling: 50.0, ..Default::default() });
    assert_eq!(values(&loss), [-50.0; 2]);
    let loss = psnr(&near, &x, PsnrOptions { ceiling: 70.0, ..Default::default() });
    assert!(values(&loss).iter().all(|loss| (loss + 60.0).abs() < 0.01));
}

#[test]
fn ssim_of_equal_pictures_is_nothing_and_keeps_digits_beside_it() {
    let x = uniform(2, [1, 2, 12, 12]);
    let options = SsimOptions::default();
    assert!(values(&ssim(&x, &x.detach(), options)).iter().all(|&loss| loss == 0.0));
    assert!(values(&ssim(&x, &x.detach(), options).sum().grad(&x)).iter().all(|&slope| slope == 0.0));
    // The loss is quadratic near the target: ten times nearer, a hundredth of it, long after 1 − ssim would be rounded.
    let noise = normal(3, [1, 2, 12, 12]);
    let far = ssim(&(&x + 1e-6 * &noise), &x, options).mean().item();
    let near = ssim(&(&x + 1e-9 * &noise), &x, options).mean().item();
    assert!((far / near / 1e6 - 1.0).abs() < 1e-3, "{far:e} {near:e}");
    assert_close("symmetry", &values(&ssim(&x, &noise, options)), &values(&ssim(&noise, &x, options)));
}

#[test]
fn ssim_stays_in_its_range_for_bright_flat_and_opposite_pictures() {
    let noise = normal(4, [1, 1, 12, 12]);
    let bright = f32s(&(1e4 + 1e-3 * &noise));
    let opposite = f32s(&-&noise);
    for (x, y) in [(&bright, &f32s(&(1e4 + &noise))), (&f32s(&noise), &opposite), (&f32s(&(0.0 * &noise)), &bright)] {
        let loss = ssim(x, y, SsimOptions::default());
        assert!(values(&loss).iter().all(|loss| (0.0..=1.0).contains(loss)), "{loss}");
        finite(&loss, &[x, y]);
    }
    let black = f32s(&Tensor::zeros([1, 1, 12, 12]));
    let loss = ssim(&black, &black.detach(), SsimOptions { k1: 0.05, ..Default::default() });
    finite(&loss, &[&black]);
}

#[test]
fn ssim_of_bright_and_of_stepped_pictures_keeps_its_digits_in_single_precision() {
    let (x, y) = (1000.0 + normal(31, [1, 1, 12, 12]), 1000.0 + normal(32, [1, 1, 12, 12]));
    let (x, y) = (f32s(&x).cast(DType::F64).computed().detach(), f32s(&y).cast(DType::F64).computed().detach());
    let (single, double) = (ssim(&f32s(&x), &f32s(&y), SsimOptions::default()), ssim(&x, &y, SsimOptions::default()));
    assert_close_within("bright", &values(&single), &values(&double), 1e-3, 1e-4);
    // Flat on both sides of a step, where a variance is the difference of two large numbers.
    for (height, window_size) in [(1.1e4, 11), (3333.3, 5), (777.7, 3), (5e4, 7), (2.3e5, 9)] {
        let step = Tensor::iota(40).ge(20i64).select(Tensor::full([40], height), 0.3);
        let noise = normal(33, [1, 1, 12, 40]);
        let (above, below) = (f32s(&(&step + &noise)), f32s(&(&step - &noise)));
        let loss = ssim(&above, &below, SsimOptions { window_size, ..Default::default() });
        assert!(values(&loss).iter().all(|loss| (0.0..=1.0).contains(loss)), "{height}: {loss}");
        finite(&loss, &[&above, &below]);
    }
}

#[test]
fn every_option_of_similarity_has_an_effect() {
    let (x, y) = (uniform(5, [1, 1, 12, 12]), uniform(6, [1, 1, 12, 12]));
    let usual = SsimOptions::default();
    let base = ssim(&x, &y, usual).mean().item();
    for changed in [
        SsimOptions { window_size: 9, ..usual },
        SsimOptions { sigma: 1.0, ..usual },
        SsimOptions { max_value: 2.0, ..usual },
        SsimOptions { padding: SsimPadding::Valid, ..usual },
        SsimOptions { k1: 0.1, ..usual },
        SsimOptions { k2: 0.1, ..usual },
    ] {
        assert_ne!(ssim(&x, &y, changed).mean().item(), base, "{changed:?}");
    }
    // Inside, both paddings agree.
    let valid = ssim(&x, &y, SsimOptions { padding: SsimPadding::Valid, ..usual });
    assert_close("inside", &values(&valid), &values(&ssim(&x, &y, usual).slice(2, 5..7).slice(3, 5..7)));
}

#[test]
fn ms_ssim_of_opposed_structure_is_one_and_at_rest() {
    let x = uniform(7, [1, 1, 8, 8]) - 0.5;
    let options = MsSsimOptions { weights: vec![0.5, 0.5], window_size: 3, ..Default::default() };
    let opposed = f32s(&-&x);
    let loss = ms_ssim(&opposed, &f32s(&x), &options);
    assert_eq!(values(&loss), [1.0]);
    assert_eq!(values(&loss.sum().grad(&opposed).abs().sum()), [0.0]);
    let equal = ms_ssim(&x, &x.detach(), &options);
    assert_eq!(values(&equal), [0.0]);
    // With its defaults it takes a picture of 176 pixels.
    let large = f32s(&uniform(8, [1, 1, 176, 176]));
    let loss = ms_ssim(&large, &(0.9 * &large), &MsSsimOptions::default());
    assert!((0.0..0.1).contains(&loss.sum().item()));
}

#[test]
fn one_scale_of_ms_ssim_is_the_mean_of_ssim() {
    let (x, y) = (uniform(9, [2, 1, 7, 7]), uniform(10, [2, 1, 7, 7]));
    let one = ms_ssim(&x, &y, &MsSsimOptions { weights: vec![1.0], window_size: 5, ..Default::default() });
    let options = SsimOptions { window_size: 5, padding: SsimPadding::Valid, ..Default::default() };
    let similarity = 1.0 - 2.0 * ssim(&x, &y, options).mean_axis([1, 2, 3]);
    assert_close("one scale", &values(&one), &values(&(1.0 - similarity)));
}

#[test]
fn variation_of_degenerate_pictures() {
    for shape in [[1usize, 1], [1, 4], [4, 1]] {
        let x = f32s(&normal(11, shape));
        finite(&total_variation(&x), &[&x]);
        finite(&total_variation_isotropic(&x), &[&x]);
        assert_close("one line", &values(&total_variation(&x)), &values(&total_variation_isotropic(&x)));
    }
    let flat = f32s(&Tensor::ones([2, 3, 3]));
    for loss in [total_variation(&flat), total_variation_isotropic(&flat)] {
        assert_eq!(values(&loss), [0.0, 0.0]);
        assert_eq!(values(&loss.sum().grad(&flat).abs().sum()), [0.0]);
    }
    let depth = f32s(&normal(12, [2, 1, 1, 4]));
    let loss = inverse_depth_smoothness(&depth, &f32s(&normal(13, [2, 3, 1, 4])));
    finite(&loss, &[&depth]);
    let pixel = f32s(&normal(14, [1, 1, 1, 1]));
    assert_eq!(values(&inverse_depth_smoothness(&pixel, &pixel)), [0.0]);
}

#[test]
fn features_of_the_target_are_constants_and_layers_add() {
    let (x, y) = (normal(15, [2, 3, 2, 2]), normal(16, [2, 3, 2, 2]));
    let loss = perceptual(&[x.clone(), x.clone()], &[y.clone(), y.clone()], &[0.5, 2.0]);
    let once = perceptual(std::slice::from_ref(&x), std::slice::from_ref(&y), &[1.0]);
    assert_close("layers", &values(&loss), &values(&(2.5 * &once)));
    assert_eq!(values(&loss.sum().grad(&y).abs().sum()), [0.0]);
    let panic = panic_of(|| perceptual(&[], &[], &[]));
    assert_eq!(
        panic.message,
        "perceptual: 0 layers of the prediction, 0 of the target and 0 weights must be as many, at least one"
    );
    assert!(panic.file.ends_with("image.rs"));
    // Unit features: length does not count, and dead ones have no direction.
    let weights = [Tensor::from([1.0, 2.0, 3.0])];
    let (x, y) = ([x], [y]);
    let (a, b) = (lpips(&[3.0 * &x[0]], &y, &weights), lpips(&x, &y, &weights));
    let ([x], [y]) = (x, y);
    assert_close("length", &values(&a), &values(&b));
    let dead = Tensor::zeros([1, 3, 1, 1]).cast(DType::F64);
    finite(&lpips(std::slice::from_ref(&dead), &[dead.detach()], &weights), &[&dead]);
    let large = f32s(&(1e4 * &x));
    finite(&lpips(std::slice::from_ref(&large), &[f32s(&y)], &[f32s(&weights[0])]), &[&large]);
}

#[test]
fn style_does_not_know_places() {
    let x = normal(17, [1, 3, 2, 3]);
    let moved = x.flatten().reshape([1, 3, 6]).index_select(2, [5, 3, 1, 0, 2, 4]).reshape([1, 3, 3, 2]);
    assert!(values(&gram_matrix(&x, &moved))[0] < 1e-28);
    let large = f32s(&(1e4 * &x));
    finite(&gram_matrix(&large, &f32s(&x)), &[&large]);
}

#[test]
fn a_spectrum_has_the_energy_of_its_picture() {
    let (x, y) = (normal(18, [1, 2, 3, 5]), normal(19, [1, 2, 3, 5]));
    let energy = focal_frequency(&x, &y, 0.0).sum_axis([-2, -1]);
    assert_close("Parseval", &values(&energy), &values(&(&x - &y).square().sum_axis([-2, -1])));
    let equal = focal_frequency(&x, &x.detach(), 1.0);
    finite(&equal, &[&x]);
    assert_eq!(values(&equal.sum()), [0.0]);
    // The weight is a constant: the gradient is that of the weighted power.
    let loss = focal_frequency(&x, &y, 1.0);
    let power = focal_frequency(&x, &y, 0.0);
    let weight = (&loss / &power).detach();
    let expected = (weight * power).sum().grad(&x);
    assert_close_within("held fixed", &values(&loss.sum().grad(&x)), &values(&expected), 1e-9, 1e-12);
}

#[test]
fn clouds_are_sets() {
    let x = normal(20, [2, 4, 3]);
    let twice = Tensor::concatenate([&x.index_select(1, [2, 0, 3, 1]), &x], 1);
    let loss = chamfer(&x, &twice);
    assert_eq!(values(&loss), [0.0, 0.0]);
    finite(&loss, &[&x]);
    let panic = panic_of(|| chamfer(&x, &Tensor::zeros([2, 0, 3])));
    assert!(panic.message.starts_with("chamfer: prediction [2, 4, 3] and target [2, 0, 3] must be"));
    assert!(panic.file.ends_with("image.rs"));
}

#[test]
fn contextual_of_equal_and_of_constant_features_is_finite() {
    let x = f32s(&normal(21, [1, 5, 3]));
    let loss = contextual(&x, &x.detach(), ContextualOptions::default());
    finite(&loss, &[&x]);
    assert!(values(&loss)[0].abs() < 1e-3);
    let flat = f32s(&Tensor::ones([1, 4, 3]));
    finite(&contextual(&flat, &flat.detach(), ContextualOptions::default()), &[&flat]);
    finite(&contextual(&x, &flat, ContextualOptions { bandwidth: 0.01, epsilon: 1e-3 }), &[&x]);
}

#[test]
fn a_single_patch_has_no_negatives() {
    let x = f32s(&normal(22, [2, 1, 3]));
    let loss = patch_nce(&x, &x.detach(), 0.07);
    assert_eq!(values(&loss), [0.0, 0.0]);
    assert_eq!(values(&loss.sum().grad(&x).abs().sum()), [0.0]);
    let keys = normal(23, [2, 3, 3]);
    assert_eq!(values(&patch_nce(&normal(24, [2, 3, 3]), &keys, 0.07).sum().grad(&keys).abs().sum()), [0.0]);
}

#[test]
fn berhu_of_equal_pictures_and_of_outliers() {
    let x = f32s(&normal(25, [3, 3]));
    let loss = berhu(&x, &x.detach(), 0.2);
    assert_eq!(values(&loss.sum()), [0.0]);
    assert_eq!(values(&loss.sum().grad(&x).abs().sum()), [0.0]);
    let far = f32s(&Tensor::from([1e30, 1.0, 0.0]));
    let loss = berhu(&far, &f32s(&Tensor::zeros([3])), 0.2);
    finite(&loss, &[&far]);
    let slope = values(&loss.sum().grad(&far));
    assert_close_within("slope", &slope, &[5.0, 1.0, 0.0], 1e-6, 0.0);
}

#[test]
fn information_does_not_know_the_direction_of_brightness() {
    let x = uniform(26, [2, 50]);
    let y = uniform(27, [2, 50]);
    let options = HistogramOptions { bins: 6, ..Default::default() };
    for loss in [mutual_information, normalised_mutual_information] {
        let (plain, bent) = (loss(&x, &y, options), loss(&(3.0 - 2.0 * &x), &y, options));
        assert_close_within("reversed", &values(&plain), &values(&bent), 1e-9, 1e-12);
        let constant = f32s(&Tensor::ones([1, 9]));
        let signal = f32s(&normal(28, [1, 9]));
        for (a, b) in [(&constant, &signal), (&signal, &constant), (&constant, &constant)] {
            finite(&loss(a, b, HistogramOptions::default()), &[a, b]);
        }
    }
    let constant = Tensor::ones([1, 9]);
    assert_eq!(values(&normalised_mutual_information(&constant, &constant, options)), [-1.0]);
    assert_eq!(values(&mutual_information(&constant, &constant, options)), [0.0]);
    let rectangular = HistogramOptions { kernel: HistogramKernel::Rectangular, ..options };
    assert!(mutual_information(&x, &y, rectangular).sum().item() < 0.0);
    assert_eq!(values(&mutual_information(&x, &y, rectangular).sum().grad(&x).abs().sum()), [0.0]);
}

#[test]
fn a_ray_with_one_narrow_bin_is_not_distorted() {
    let edges = Tensor::from([[0.0, 1.0, 1.0 + 1e-9, 2.0]]);
    let weights = Tensor::from([[0.0, 1.0, 0.0]]);
    assert!(distortion(&weights, &edges).sum().item() < 1e-9);
    let none = f32s(&Tensor::zeros([2, 3]));
    let edges = f32s(&Tensor::from([[0.0, 1.0, 2.0, 3.0], [1.0, 1.0, 1.0, 1.0]]));
    finite(&distortion(&none, &edges), &[&none, &edges]);
}

#[test]
fn small_angles_keep_their_digits() {
    let target = f32s(&Tensor::from([[1.0, 1.0, 1.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [1.0, 2.0, 3.0]]));
    let prediction = f32s(&Tensor::from([[1.0, 1.0, 1.0001], [1.0, 0.0, 0.0], [-2.0, 0.0, 0.0], [2.0, 4.0, 6.0]]));
    let loss = angular_error(&prediction, &target);
    finite(&loss, &[&prediction, &target]);
    let angle = 1e-4 * (2f64 / 3.0).sqrt() / 3f64.sqrt();
    assert_close_within("angles", &values(&loss), &[angle, 0.0, std::f64::consts::PI, 0.0], 2e-3, 1e-7);
}

#[test]
fn edges_of_equal_pictures_cost_nothing() {
    let x = f32s(&normal(29, [2, 5, 4]));
    for loss in [gradient_difference(&x, &x.detach(), 1.0), laplacian_pyramid(&x, &x.detach(), 1)] {
        assert_eq!(values(&loss), [0.0, 0.0]);
        assert_eq!(values(&loss.sum().grad(&x).abs().sum()), [0.0]);
    }
    // The bands and the rest add up to the picture: with no level it is the absolute error.
    let y = normal(30, [2, 5, 4]);
    let none = laplacian_pyramid(&y, &(0.0 * &y), 0);
    assert_close("no level", &values(&none), &values(&y.abs().sum_axis([-2, -1])));
    let panic = panic_of(|| laplacian_pyramid(&y, &y, 2));
    assert_eq!(panic.message, "laplacian_pyramid: prediction [2, 5, 4] is too small for 2 levels");
}
