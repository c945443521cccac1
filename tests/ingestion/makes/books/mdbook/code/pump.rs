# use std::io;
fn main() {
    // ANCHOR: run
    pump.run();
    // ANCHOR_END: run
}
