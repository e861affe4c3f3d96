11
thread 0: calls 1 null, 
thread 3: finished i32 110, 
thread 0: calls 2 i32 3, 
thread 0: calls 0 i32 5, 
thread 4 begins
thread 0: calls 2 i32 1, 
thread 4: calls 1 func 4, 
thread 4: calls 2 i32 110, 
thread 4: finished i32 110, 
thread 0: calls 1 null, 
thread 0: calls 2 i32 3, 
thread 0: finished i32 69, 
