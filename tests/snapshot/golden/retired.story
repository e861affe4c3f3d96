10
thread 0: calls 2 i32 4, 
thread 0: calls 2 i32 117, 
thread 0: calls 0 i32 6, 
thread 2 begins
thread 0: calls 1 null, 
thread 2: calls 1 func 3, 
thread 0: calls 2 i32 5, 
thread 2: finished i32 6, 
thread 0: calls 2 i32 110, 
thread 0: finished i32 57, 
