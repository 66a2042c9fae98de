use minimand_loss::{ListError, Lists, list_net, pairwise_logistic};
use minimand_tensor::Tensor;

use crate::common::{assert_close, normal, panic_of, slope, values};

#[test]
fn rows_of_a_group_need_not_stand_together() {
    let groups = [5i64, -1, 5, 7, -1, 5];
    let lists = Lists::from_groups(groups).unwrap();
    assert_eq!((lists.len(), lists.lengths()), (3, &[3, 2, 1][..]));
    let rows = normal(1, [6]);
    let row = values(&rows);
    let padded = lists.pad(&rows);
    let kept = lists.mask().select(&padded, -9.0);
    assert_close("padded", &values(&kept), &[row[0], row[2], row[5], row[1], row[4], -9.0, row[3], -9.0, -9.0]);
    assert_close("unpadded", &values(&lists.unpad(&padded)), &row);
    let floats = Lists::from_groups(groups.map(|group| group as f64)).unwrap();
    assert_eq!(values(&floats.pad(&rows)), values(&padded));
}

/// A loss over groups and its gradient are those of each group by itself.
#[test]
fn losses_over_groups() {
    let groups = [0i64, 1, 0, 1, 1, 2, 0];
    let lists = Lists::from_groups(groups).unwrap();
    let (scores, relevance) = (normal(2, [7]), Tensor::from([2i64, 0, 1, 1, 2, 1, 0]));
    for loss in [pairwise_logistic, list_net] {
        let grouped = |s: &Tensor| loss(&lists.pad(s), &lists.pad(&relevance), Some(lists.mask()));
        let (value, gradient) = (values(&grouped(&scores)), slope(grouped, &scores));
        for group in 0..3i64 {
            let rows: Vec<usize> = (0..7).filter(|&row| groups[row] == group).collect();
            let own = |x: &Tensor| x.index_select(0, rows.clone());
            let alone = |s: &Tensor| loss(s, &own(&relevance), None);
            assert_close("value", &value[group as usize..=group as usize], &values(&alone(&own(&scores))));
            let slopes: Vec<f64> = rows.iter().map(|&row| gradient[row]).collect();
            assert_close("gradient", &slopes, &slope(alone, &own(&scores).computed().detach()));
        }
    }
}

#[test]
fn further_axes_are_carried_over() {
    let lists = Lists::from_lengths(&[1, 0, 2], 3).unwrap();
    let rows = normal(3, [3, 2]);
    let padded = lists.pad(&rows);
    assert_eq!(padded.shape().to_vec(), [3, 2, 2]);
    assert_eq!(lists.mask().to_string(), "[[true, false],\n [false, false],\n [true, true]]");
    assert_eq!(values(&lists.unpad(&padded)), values(&rows));
}

#[test]
fn trap_13_groups_without_rows() {
    for lists in [Lists::from_groups::<i64>([]).unwrap(), Lists::from_lengths(&[0, 0], 0).unwrap()] {
        let none = Tensor::zeros([0]);
        let padded = lists.pad(&none);
        assert_eq!(padded.shape().to_vec(), [lists.len(), 0]);
        assert_eq!(values(&lists.unpad(&padded)).len(), 0);
        let loss = pairwise_logistic(&padded, &padded, Some(lists.mask()));
        assert_eq!(values(&loss), vec![0.0; lists.len()]);
        assert_eq!(lists.is_empty(), lists.lengths().is_empty());
    }
    let lists = Lists::from_lengths(&[2, 0], 2).unwrap();
    let loss = pairwise_logistic(&lists.pad(&normal(1, [2])), &lists.pad(&normal(2, [2])), Some(lists.mask()));
    assert!(values(&loss)[0] > 0.0 && values(&loss)[1] == 0.0);
}

#[test]
fn faults_name_the_row() {
    let fault = |lists: Result<Lists, ListError>| lists.unwrap_err().to_string();
    assert_eq!(fault(Lists::from_groups([1.0, 2.0, 2.5])), "the group of row 2 is 2.5, which is not a whole number");
    assert_eq!(fault(Lists::from_groups([f32::INFINITY])), "the group of row 0 is inf, which is not a whole number");
    let scattered = Lists::from_sorted_groups([4i64, 4, 9, 9, 4]).unwrap_err();
    assert_eq!(scattered, ListError::Scattered { row: 4, group: 4, end: 1 });
    assert!(Lists::from_sorted_groups([4i64, 4, 9]).is_ok());
    assert_eq!(fault(Lists::from_lengths(&[2, 3], 4)), "list 1 needs rows up to 5, and there are 4");
    let left_over = "row 2 and what follows belong to no list: the lengths sum to 2, and there are 4 rows";
    assert_eq!(fault(Lists::from_lengths(&[2], 4)), left_over);
    assert_eq!(
        fault(Lists::from_lengths(&[2, usize::MAX], 4)),
        format!("list 1 needs rows up to {}, and there are 4", usize::MAX)
    );
    let lists = Lists::from_lengths(&[2, 1], 3).unwrap();
    let panic = panic_of(|| lists.pad(&normal(1, [4])));
    let message = "pad: [4] and 3 rows in 2 lists do not fit: the first axis must have the rows";
    assert_eq!((&*panic.message, &*panic.file), (message, file!()));
    let panic = panic_of(|| lists.unpad(&normal(1, [3])));
    assert_eq!(
        (&*panic.message, &*panic.file),
        ("unpad: [3] does not begin with the lists and their width [2, 2]", file!())
    );
}
