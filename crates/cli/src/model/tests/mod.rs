mod fits;
mod speed;
