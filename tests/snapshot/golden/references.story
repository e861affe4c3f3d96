3
thread 0: calls 0 func 1, null, 
thread 0: calls 1 i32 21, 
thread 0: finished i32 34, 
