//! One tensor seen in several ways: its gradient is put together from all of them.

use minimand_tensor::Tensor;

use super::build::{Builder, Entry};

impl Builder<'_> {
    fn view(&mut self, x: &Tensor) -> Option<Tensor> {
        let axis = self.axis(x)?;
        let (along, size) = (axis as isize, x.shape()[axis]);
        Some(match self.structure.below(11) {
            0 => return self.padded(x),
            1 if size == 1 => x.squeeze(along),
            1 if size > 0 => x.at(along, self.structure.below(size)),
            2 => return self.windowed(x),
            3 => self.permuted(x),
            4 => x.flip(self.axes(x).as_slice()),
            5 => x.slice_step(along, self.structure.below(size + 1).., 1 + self.structure.below(3)),
            6 => x.unsqueeze(along),
            7 if size > 0 => {
                let count = 1 + self.structure.below(4);
                x.index_select(along, &self.index(&[count], size)?)
            }
            8 if x.rank() < 4 => x.expand([&[2], x.shape().sizes()].concat()),
            9 => {
                let first = self.structure.below(size + 1);
                let parts = x.split(along, &[first, size - first]);
                Tensor::concatenate([&parts[1], &parts[0]], along)
            }
            _ => x.reshape(self.factors(x.elements())),
        })
    }

    pub(super) fn several_views(&mut self) -> Option<Entry> {
        let Entry { tensor: x, exact } = self.any();
        let mut views = Vec::new();
        for _ in 0..2 + self.structure.below(3) {
            let mut view = x.clone();
            for _ in 0..self.structure.below(4) {
                view = self.view(&view).filter(|next| next.elements() <= self.largest).unwrap_or(view);
            }
            views.push(view);
        }
        match self.structure.below(3) {
            // Side by side.
            0 => {
                let flat: Vec<Tensor> = views.iter().map(Tensor::flatten).collect();
                Some(Entry { tensor: Tensor::concatenate(&flat, 0), exact })
            }
            // Each by weights of its own, added up along its last axis.
            1 => {
                let mut sum = Tensor::scalar(0.0f64).cast(self.dtype);
                for view in views {
                    let weights = self.leaf(view.shape(), self.all_exact).tensor;
                    let weighed = view * weights;
                    sum += if weighed.rank() > 0 { weighed.sum_axis(-1).sum() } else { weighed };
                }
                Some(Entry { tensor: sum, exact: false })
            }
            // Beside each other, where the shapes allow it.
            _ => {
                let mut product = x.clone();
                for view in views {
                    if view.shape().broadcast(product.shape()).is_some_and(|shape| shape.elements() <= self.largest) {
                        product = if self.chance(2) { &product * &view } else { &product - &view };
                    }
                }
                Some(Entry { tensor: product, exact: false })
            }
        }
    }
}
