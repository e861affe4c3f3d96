#include "interp/lower/fuel_sites.hpp"

#include <cassert>
#include <utility>

namespace fermata {

void FuelSites::begin_function(bool metered) {
  metered_ = metered;
  block_pauses_ = false;
  here_ = {};
  sites_.clear();
  labels_.clear();
  stubs_.clear();
  edges_.clear();
}

/// The current site charges for nothing that follows.
void FuelSites::close() {
  if (here_.site != none) sites_[here_.site].executed = here_.executed;
}

void FuelSites::begin_site(Op op, FuelPoint from) {
  if (metered_) open(emitter_.emit(make_wide(op, 0, 0)), from);
}

void FuelSites::begin_site_of_branches() {
  if (metered_) open(none, {});
}

void FuelSites::open(std::uint32_t at, FuelPoint from) {
  close();
  block_pauses_ = false;
  here_ = {static_cast<std::uint32_t>(sites_.size()), 0};
  sites_.push_back({at, 0, from});
}

void FuelSites::note_pause() {
  if (!metered_) return;
  block_pauses_ = true;
  sites_[here_.site].pauses = true;
}

void FuelSites::charge_at_end() {
  if (!metered_) return;
  Site& site = sites_[here_.site];
  site.charged_at_end = site.at == none && !site.pauses;
}

FuelSites::Join FuelSites::new_join() {
  labels_.emplace_back();
  return static_cast<Join>(labels_.size() - 1);
}

void FuelSites::land(Join join, bool goes_on) {
  labels_[join] = {emitter_.here(), goes_on ? here_ : FuelPoint{}};
}

void FuelSites::add_stub(PatchList branches, FuelPoint from, Join to) {
  stubs_.push_back({branches, from, to});
}

void FuelSites::charge_on_branch(std::uint32_t at, Join to) { edges_.push_back({at, here_, to}); }

void FuelSites::give_back() {
  if (metered_) edges_.push_back({emitter_.emit(make_wide(Op::charge, 0, 0)), here_, none});
}

void FuelSites::finish() {
  if (!metered_) return;
  close();
  for (Stub& stub : stubs_) emit_stub(stub);
  for (const Site& site : sites_) {
    if (site.at == none) continue;
    const std::int64_t charged = site.executed - ahead(site.from);
    emitter_.set_wide(site.at, static_cast<std::uint32_t>(charged));
  }
  for (const Edge& edge : edges_) {
    const std::int64_t charged = amount(edge.from, edge.to);
    if (emitter_.op_at(edge.at) == Op::charge_br) {
      emitter_.set_second(edge.at, static_cast<Word>(charged));
    } else {
      emitter_.set_wide(edge.at, static_cast<std::uint32_t>(charged));
    }
  }
}

void FuelSites::emit_stub(Stub& stub) {
  const std::uint32_t label = labels_[stub.to].at;
  if (amount(stub.from, stub.to) == 0) return emitter_.patch(stub.branches, label);
  emitter_.label();
  emitter_.patch(stub.branches, emitter_.here());
  const std::uint32_t at = emitter_.emit(make_wide(Op::charge_br, 0, 0), 0);
  emitter_.set_offset(at, label);
  edges_.push_back({at, stub.from, stub.to});
}

std::int64_t FuelSites::ahead(FuelPoint point) const {
  if (point.site == none) return 0;
  const Site& site = sites_[point.site];
  return (site.charged_at_end ? 0 : std::int64_t{site.executed}) - point.executed;
}

/// What is to be charged on a way: it is ahead at `from`, and must be ahead at the label.
std::int64_t FuelSites::amount(FuelPoint from, Join to) const {
  return (to == none ? 0 : ahead(labels_[to].point)) - ahead(from);
}

}  // namespace fermata
