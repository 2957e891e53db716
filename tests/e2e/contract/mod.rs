//! What is true of every operation, held over the published document.
