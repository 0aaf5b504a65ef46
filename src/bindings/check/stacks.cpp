#include "stacks.hpp"

#include <cstring>

#include "current.hpp"
#include "interner.hpp"
#include "interpreter.h"

namespace raddle::python {

namespace {

constexpr int kDeepest = 40;

// A call within the call that `parent` stands for. The node keeps its code object alive, for ever.
struct Node {
  PyCodeObject* code;
  std::uint32_t parent;
  std::int32_t instruction;
};

constinit Interner<Node> nodes;

// The last stack of this thread: most calls have most of their stack in common with the one before.
struct LastStack {
  RaddleFrame frames[kDeepest];
  std::uint32_t ids[kDeepest];
  int count = 0;
};
thread_local LastStack last_stack;

bool is_ours(const char* file) {
  return std::strstr(file, "/raddle/check/") != nullptr || std::strncmp(file, "<frozen ", 8) == 0;
}

PyObject* describe_node(const Node& node) {
  const int line = PyCode_Addr2Line(node.code, node.instruction);
  return Py_BuildValue("[OiO]", node.code->co_filename, line, node.code->co_qualname);
}

}  // namespace

check::StackId capture_stack() noexcept {
  RaddleFrame frames[kDeepest];
  const int count = raddle_frames(frames, kDeepest);
  LastStack& last = last_stack;
  int common = 0;  // outermost frames that are as they were
  while (common < count && common < last.count) {
    const RaddleFrame& frame = frames[count - 1 - common];
    const RaddleFrame& before = last.frames[common];
    if (frame.code != before.code || frame.instruction != before.instruction) break;
    ++common;
  }
  if (common < count) {
    const SpinGuard guard(nodes.lock());
    for (int i = common; i < count; ++i) {
      const RaddleFrame& frame = frames[count - 1 - i];
      const auto [id, is_new] = nodes.find_or_add({frame.code, i == 0 ? 0 : last.ids[i - 1], frame.instruction});
      if (is_new) Py_INCREF(frame.code);  // running, so alive; counting up waits for nobody
      last.frames[i] = frame;
      last.ids[i] = id;
    }
  }
  last.count = count;
  return count == 0 ? 0 : last.ids[count - 1];
}

PyObject* describe_stack(check::StackId stack) {
  Ref frames(PyList_New(0));
  if (!frames) return nullptr;
  for (; stack != 0; stack = nodes.at(stack).parent) {
    const Node node = nodes.at(stack);
    const char* const file = PyUnicode_AsUTF8(node.code->co_filename);
    if (file == nullptr) return nullptr;
    if (is_ours(file)) continue;
    const Ref frame(describe_node(node));
    if (!frame || PyList_Append(frames.get(), frame.get()) < 0) return nullptr;
  }
  if (PyList_Reverse(frames.get()) < 0) return nullptr;
  return frames.release();
}

void lock_stacks_for_fork() noexcept { nodes.lock().lock(); }
void unlock_stacks_after_fork() noexcept { nodes.lock().unlock(); }

}  // namespace raddle::python
