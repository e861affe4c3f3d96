2
thread 1: calls 1 f64 1, 
thread 2 begins
thread 0: finished i64 12, 
