"""Event studies: what a share earned beyond what its market explains, and how unusual that was."""
