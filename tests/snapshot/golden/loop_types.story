2
thread 0: calls 0 i32 3, 
thread 0: finished i32 9, 
