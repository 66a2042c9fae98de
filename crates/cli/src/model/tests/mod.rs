mod fits;
mod probe;
mod speed;
