"""Words and papers: what is said in chat (`messages`) and what is printed (`papers`)."""
