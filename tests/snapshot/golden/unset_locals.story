3
thread 0: calls 0 i32 4, 
thread 0: calls 0 i32 12, 
thread 0: finished i32 24, 
