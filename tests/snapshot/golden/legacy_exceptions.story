4
thread 0: calls 1 
thread 0: calls 1 
thread 0: finished i32 -1602, 
