"""Reference values of programs and papers, in the forms that they come in, each beside ours."""
