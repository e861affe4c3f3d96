2
thread 0: finished i32 109, 
