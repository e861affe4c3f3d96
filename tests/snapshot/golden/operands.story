3
thread 0: calls 0 
thread 0: finished i32 5, i64 6, f32 -0.5, i32 97, 
