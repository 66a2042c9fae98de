//! Statistics of the advice: comparisons of losses with honest intervals, and estimators of what the data are like.
