// A target that only compiles a header needs a source.
