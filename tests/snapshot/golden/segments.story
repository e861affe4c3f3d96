2
thread 0: calls 0 
thread 0: finished i32 121, 
