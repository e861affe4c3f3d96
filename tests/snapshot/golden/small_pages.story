2
thread 0: out of bounds memory access
