//! Documents are compiled into the program: a change of them is a change of the program.

fn main() {
    for folder in ["suites", "schemas", "scenarios"] {
        println!("cargo:rerun-if-changed={folder}");
    }
}
