(module)
(assert_return (invoke "f")
