#!/usr/bin/env python3
"""What scripts/differential takes for the same, and what for a disagreement."""

import importlib.machinery
import importlib.util
import pathlib
import sys
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parent.parent.parent / "scripts/differential"
LOADER = importlib.machinery.SourceFileLoader("differential", str(SCRIPT))
sys.dont_write_bytecode = True
differential = importlib.util.module_from_spec(importlib.util.spec_from_loader("differential", LOADER))
LOADER.exec_module(differential)

BEGIN = ["> instantiate", "= returned", "m 0 10000 1b2c3d4e"]


def compared(ours, theirs):
    return differential.disagreement(BEGIN + ours, BEGIN + theirs)


class Differential(unittest.TestCase):
    def test_equal_transcripts_agree(self):
        call = ["> call 1", "1 0 2a", "= returned", "> state", "= returned", "m 0 10000 5"]
        self.assertEqual(compared(call, call), (None, True))

    def test_one_bit_of_a_result_is_a_disagreement(self):
        found, _ = compared(["> call 1", "1 0 2a", "= returned"], ["> call 1", "1 0 2b", "= returned"])
        self.assertEqual(found, "step 1, call 1, line 1: Fermata: i32 0 2a; V8: i32 0 2b")

    def test_another_memory_is_a_disagreement(self):
        found, _ = compared(["> call 1", "= returned", "m 0 10000 5"], ["> call 1", "= returned", "m 0 10000 6"])
        self.assertEqual(found, "step 1, call 1, line 2: Fermata: m 0 10000 5; V8: m 0 10000 6")

    def test_a_note_that_one_engine_has_not_is_a_disagreement(self):
        found, _ = compared(["> call 1", "0 1 3", "= returned"], ["> call 1", "= returned"])
        self.assertEqual(found, "step 1, call 1, line 1: Fermata: host call 1 3; V8: returned")

    def test_traps_of_a_kind_are_the_same_in_other_words(self):
        for ours, theirs in [("integer divide by zero", "remainder by zero"),
                             ("integer overflow", "divide result unrepresentable"),
                             ("uninitialized element", "null function or function signature mismatch"),
                             ("uninitialized element", "function signature mismatch"),
                             ("indirect call type mismatch", "function signature mismatch"),
                             ("null structure reference", "dereferencing a null pointer"),
                             ("unaligned atomic memory access", "operation does not support unaligned accesses")]:
            found, whole = compared(["> call 1", f"= trapped: {ours}"], ["> call 1", f"= trapped: {theirs}"])
            self.assertEqual((ours, found, whole), (ours, None, True))

    def test_traps_of_two_kinds_disagree(self):
        found, _ = compared(["> call 1", "= trapped: unreachable"], ["> call 1", "= trapped: divide by zero"])
        self.assertEqual(found, "step 1, call 1, line 1: Fermata: unreachable; V8: division by zero")

    def test_a_trap_whose_words_nobody_knows_is_a_disagreement(self):
        found, _ = compared(["> call 1", "= trapped: unreachable"], ["> call 1", "= trapped: something new"])
        self.assertEqual(found, "step 1, call 1, line 1: Fermata: unreachable; V8: trapped: something new")

    def test_nothing_is_compared_from_an_exhausted_stack_on(self):
        found, whole = compared(["> call 1", "= trapped: call stack exhausted", "> state", "1 0 1", "= returned"],
                                ["> call 1", "0 0 1", "= returned", "> state", "1 0 2", "= returned"])
        self.assertEqual((found, whole), (None, False))

    def test_what_comes_before_an_exhausted_stack_is_compared(self):
        found, _ = compared(["> state", "1 0 1", "= returned", "> call 2", "= trapped: call stack exhausted"],
                            ["> state", "1 0 2", "= returned", "> call 2", "= exhausted: Maximum call stack size"])
        self.assertEqual(found, "step 1, state, line 1: Fermata: i32 0 1; V8: i32 0 2")

    def test_a_module_that_one_engine_alone_takes_is_a_disagreement(self):
        found, _ = differential.disagreement(["= refused: invalid: no"], ["= taken"])
        self.assertEqual(found, "Fermata: refused: invalid: no; V8: takes it")
        found, _ = differential.disagreement(BEGIN, ["= refused: CompileError: no"])
        self.assertEqual(found, "Fermata: takes it; V8: refused: CompileError: no")

    def test_a_module_that_both_refuse_is_none(self):
        found, _ = differential.disagreement(["= refused: invalid: no"], ["= refused: CompileError: no"])
        self.assertIsNone(found)


if __name__ == "__main__":
    unittest.main()
