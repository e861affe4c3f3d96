2
thread 0: finished i64 110, 
