3
thread 0: calls 1 exception {object of type 0 {i32 3, }, }, 
thread 0: threw object of type 0 {i32 3, }, 
