"""Tests of the benchmarks: their shape and arithmetic, never their speed."""
