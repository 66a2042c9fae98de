//! Independent jobs side by side.

use std::{
    panic::resume_unwind,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use minimand::tensor::threads;

/// Does the jobs side by side, as many at a time as threads may be used; the results are in the order of the jobs.
///
/// A job knows nothing of the others: its result is the same bits whatever their number.
///
/// # Errors
/// That of the first job, in their order, that failed.
///
/// # Panics
/// Where a job does.
pub fn side_by_side<J: Sync, R: Send, E: Send>(
    jobs: &[J],
    work: impl Fn(&J) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let results = until_stopped(jobs, &AtomicBool::new(false), work);
    results.into_iter().map(|result| result.expect("nobody stops it")).collect()
}

/// As [`side_by_side`], but no job is begun once `stop` is true: its place then holds `None`.
///
/// # Panics
/// Where a job does.
pub fn until_stopped<J: Sync, R: Send>(jobs: &[J], stop: &AtomicBool, work: impl Fn(&J) -> R + Sync) -> Vec<Option<R>> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(place) else { break };
            done.push((place, work(job)));
        }
        done
    };
    let done: Vec<(usize, R)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads().min(jobs.len())).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    let mut results: Vec<Option<R>> = jobs.iter().map(|_| None).collect();
    for (place, result) in done {
        results[place] = Some(result);
    }
    results
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_jobs_and_the_first_failure_counts() {
        let jobs: Vec<usize> = (0..40).collect();
        let squares = side_by_side(&jobs, |&job| Ok::<_, usize>(job * job)).unwrap();
        assert_eq!(squares, (0..40).map(|job| job * job).collect::<Vec<_>>());
        let failing = |&job: &usize| if job == 7 || job == 30 { Err(job) } else { Ok(()) };
        assert_eq!(side_by_side(&jobs, failing).unwrap_err(), 7);
        assert!(side_by_side(&[] as &[u8], |_| Ok::<_, ()>(())).unwrap().is_empty());
    }

    #[test]
    fn once_stopped_no_job_is_begun() {
        let jobs: Vec<usize> = (0..40).collect();
        let stop = AtomicBool::new(false);
        let results = until_stopped(&jobs, &stop, |&job| {
            stop.store(true, Ordering::Relaxed);
            job
        });
        let done = results.iter().flatten().count();
        assert!((1..=threads()).contains(&done), "{done} jobs");
        assert_eq!(results[0], Some(0));
    }
}
