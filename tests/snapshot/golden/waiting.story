17
3 waits on
1 woken at 8
thread 4: waits at 16 for 53
time is over for 4
thread 4: finished i32 1020, 
1 woken at 16
thread 3: finished i32 1000, 
thread 5 begins
thread 0: calls 1 i32 0, 
thread 0: calls 1 i32 0, 
thread 5: waits at 0 for 0
5 waits on
1 woken at 0
thread 5: waits at 16 for 54
thread 0: calls 1 i32 1, 
thread 5: finished i32 1000, 
thread 0: calls 1 i32 7, 
thread 0: calls 1 i32 7, 
thread 0: calls 1 i32 7, 
thread 0: finished i32 0, 
