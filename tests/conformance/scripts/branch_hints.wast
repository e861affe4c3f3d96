;; Branch hints in binary modules: function 0 has `block, i32.const 0, br_if 0, end, end` from its
;; byte 1 on, so that br_if is at 5.
(assert_invalid_custom
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00"
    "\00\20\19metadata.code.branch_hint\01\00\01\03\01\00"
    "\0a\0b\01\09\00\02\40\41\00\0d\00\0b\0b")
  "invalid target")
(assert_invalid_custom
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00"
    "\00\20\19metadata.code.branch_hint\01\00\01\04\01\00"
    "\0a\0b\01\09\00\02\40\41\00\0d\00\0b\0b")
  "invalid target")
(assert_invalid_custom
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00"
    "\00\20\19metadata.code.branch_hint\01\00\01\05\01\02"
    "\0a\0b\01\09\00\02\40\41\00\0d\00\0b\0b")
  "invalid hint value")
(assert_invalid_custom
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00"
    "\00\20\19metadata.code.branch_hint\01\01\01\05\01\01"
    "\0a\0b\01\09\00\02\40\41\00\0d\00\0b\0b")
  "invalid function")
(assert_invalid_custom
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00"
    "\00\1f\19metadata.code.branch_hint\01\00\01\05\01"
    "\0a\0b\01\09\00\02\40\41\00\0d\00\0b\0b")
  "unexpected end")

;; What is right is not invalid: this one fails.
(assert_invalid_custom
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00"
    "\00\20\19metadata.code.branch_hint\01\00\01\05\01\01"
    "\0a\0b\01\09\00\02\40\41\00\0d\00\0b\0b")
  "invalid target")
