// The classes Queue, LifoQueue, PriorityQueue and SimpleQueue: their tables and texts.
#include "queues.hpp"
#include "raddle/queue/lifo_queue.hpp"
#include "raddle/queue/priority_queue.hpp"

namespace raddle::python {

namespace {

using PyLifoQueue = BlockingQueue<LifoQueue<PyObject*>>;

// The order of `<`.
struct PyOrder {
  static Answer less(PyObject* a, PyObject* b) {
    // The comparison may take both out of the queue.
    const Ref keep_a(Py_NewRef(a)), keep_b(Py_NewRef(b));
    const int less = PyObject_RichCompareBool(a, b, Py_LT);
    return less < 0 ? Answer::failed : less != 0 ? Answer::yes : Answer::no;
  }
  using Waiting = DetachedWaiting;
};
using PyPriorityQueue = BlockingQueue<PriorityQueue<PyObject*, PyOrder>>;

constexpr char kQueueDoc[] =
    "Queue(maxsize=0)\n"
    "--\n"
    "\n"
    "A first-in, first-out queue between threads; in place of queue.Queue.\n"
    "\n"
    "maxsize: how many items it holds at most; 0 or less: no limit. It can be\n"
    "set later. Put waits while the queue is full, get while it is empty, as\n"
    "long as `timeout` allows (seconds; None: for ever). Waiting ends at once\n"
    "when an item or a place is there, when the queue is shut down, and by\n"
    "Ctrl-C; a call that raises has put or taken nothing.\n"
    "\n"
    "Order: strictly first in, first out. Empty and Full are raised only when\n"
    "true. put and get may be called in a finaliser, a weakref callback or a\n"
    "signal handler. Memory: 8 bytes per item.\n"
    "\n"
    "Subclasses cannot override _init, _put, _get and _qsize: there is nothing\n"
    "that calls them. After os.fork() the child has the items and no waiting\n"
    "threads.\n"
    "\n"
    "Algorithm: a two-lock queue (Michael and Scott, 1996) on linked blocks.\n"
    "\n"
    "    jobs = raddle.Queue(maxsize=100)\n"
    "    for job in jobs:        # in a worker; ends when jobs is shut down\n"
    "        job()";

constexpr char kLifoDoc[] =
    "LifoQueue(maxsize=0)\n"
    "--\n"
    "\n"
    "A last-in, first-out queue (a stack) between threads.\n"
    "\n"
    "In place of queue.LifoQueue; everything else as in Queue.\n"
    "\n"
    "    rooms = raddle.LifoQueue()\n"
    "    rooms.put(\"warm\")        # the next get() returns it";

constexpr char kPriorityDoc[] =
    "PriorityQueue(maxsize=0)\n"
    "--\n"
    "\n"
    "A queue between threads that returns the least item first.\n"
    "\n"
    "In place of queue.PriorityQueue. Items are compared by `<`; of equal items\n"
    "any may come first. Comparisons may run any code, also such that calls\n"
    "this queue. If one raises, the call raises and the queue is as before.\n"
    "A call waits while another thread compares. A comparison that would wait\n"
    "for an item or for room in its own queue gets DeadlockError. put may be\n"
    "called in a finaliser, a weakref callback or a signal handler.\n"
    "\n"
    "Everything else as in Queue. Algorithm: a binary heap (Williams, 1964).\n"
    "\n"
    "    todo = raddle.PriorityQueue()\n"
    "    todo.put((2, \"sleep\"))\n"
    "    todo.put((1, \"eat\"))    # the next get() returns it";

constexpr char kSimpleDoc[] =
    "SimpleQueue()\n"
    "--\n"
    "\n"
    "An unbounded first-in, first-out queue between threads.\n"
    "\n"
    "In place of queue.SimpleQueue: a Queue without limit, tasks and shutdown.\n"
    "put never waits and may be called in a finaliser, a weakref callback or a\n"
    "signal handler.\n"
    "\n"
    "    log = raddle.SimpleQueue()\n"
    "    log.put(\"started\")";

#define RADDLE_QUEUE_METHODS                                                                                      \
  {"get", as_method(queue_get), kFastCall,                                                                        \
   "get($self, /, block=True, timeout=None)\n--\n\nRemove and return an item; wait for one if there is none.\n\n" \
   "block=False: do not wait. timeout: wait so many seconds at most. Raises queue.Empty if there was no item,\n"  \
   "queue.ShutDown if there is none and the queue is shut down, ValueError for a negative timeout."},             \
      {"get_nowait", queue_get_nowait, METH_NOARGS,                                                               \
       "get_nowait($self, /)\n--\n\nRemove and return an item, or raise queue.Empty or queue.ShutDown."},         \
      {"put_many", as_method(queue_put_many), kFastCall,                                                          \
       "put_many($self, /, iterable, block=True, timeout=None)\n--\n\n"                                           \
       "Put every item of the iterable, in order; return how many went in.\n\n"                                   \
       "Waits for room as put() does, `timeout` seconds in all, and stops when it may wait no more: no Full is\n" \
       "raised. ShutDown is raised only if nothing went in. A list or tuple goes in batch by batch, which is\n"   \
       "several times faster than single puts; any other iterable is asked for its items one by one, with a\n"    \
       "time limit only when there is room. What went in stays, also if the iterable raises or Ctrl-C comes;\n"   \
       "an item that was asked for and cannot be put is dropped. Items of other threads may come between."},      \
      {"get_many", as_method(queue_get_many), kFastCall,                                                          \
       "get_many($self, /, max_items, block=True, timeout=None)\n--\n\n"                                          \
       "Wait for the first item, then take what is there, up to max_items; return a list.\n\n"                    \
       "The list is empty if there was nothing in time, or max_items is 0: no Empty is raised. ShutDown is\n"     \
       "raised if the queue is empty and shut down. ValueError: max_items or timeout is negative. In the order\n" \
       "in which get() returns them; other consumers may take items in between."},                                \
      {"drain", queue_drain, METH_NOARGS,                                                                         \
       "drain($self, /)\n--\n\nTake everything that is in the queue now and return it as a list, without "        \
       "waiting."},                                                                                               \
      {"qsize", queue_qsize, METH_NOARGS, "qsize($self, /)\n--\n\nReturn how many items the queue holds."},       \
      {"empty", queue_empty, METH_NOARGS, "empty($self, /)\n--\n\nReturn whether the queue holds no item."},      \
      {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "Queue[T], for annotations."},                  \
      {"__reduce__", queue_reduce, METH_NOARGS,                                                                   \
       "__reduce__($self, /)\n--\n\nRaise TypeError: the object belongs to the threads of one process."},

PyMethodDef queue_methods[] = {
    {"put", as_method(queue_put), kFastCall,
     "put($self, /, item, block=True, timeout=None)\n--\n\nPut an item into the queue; wait for room if it is "
     "full.\n\n"
     "block=False: do not wait. timeout: wait so many seconds at most. Raises queue.Full if there was no room,\n"
     "queue.ShutDown if the queue is shut down, ValueError for a negative timeout of a bounded queue."},
    {"put_nowait", as_method(queue_put_nowait), kFastCall,
     "put_nowait($self, /, item)\n--\n\nPut an item into the queue, or raise queue.Full or queue.ShutDown."},
    RADDLE_QUEUE_METHODS  // the comma is in it
    {"full", queue_full, METH_NOARGS,
     "full($self, /)\n--\n\nReturn whether the queue holds maxsize items or more; never true if it is unbounded."},
    {"task_done", queue_task_done, METH_NOARGS,
     "task_done($self, /)\n--\n\nSay that an item got earlier has been dealt with.\n\n"
     "ValueError: called more often than items were put."},
    {"join", queue_join, METH_NOARGS,
     "join($self, /)\n--\n\nWait until task_done() has been called for every item that was put."},
    {"shutdown", as_method(queue_shutdown), kFastCall,
     "shutdown($self, /, immediate=False)\n--\n\nMake every put() raise queue.ShutDown, and get() when the queue "
     "is empty.\n\n"
     "Threads that wait are told at once. immediate=True: empties the queue too and counts its items as done;\n"
     "closing and emptying are one step."},
    {"__init_subclass__", as_method(queue_init_subclass), kFastCall | METH_CLASS,
     "Refuse subclasses that override _init, _put, _get or _qsize: nothing calls them."},
    {nullptr, nullptr, 0, nullptr}};

PyMethodDef simple_queue_methods[] = {
    {"put", as_method(queue_put), kFastCall,
     "put($self, /, item, block=True, timeout=None)\n--\n\nPut an item into the queue.\n\n"
     "Never waits: block and timeout are there for the sake of Queue.put()."},
    {"put_nowait", as_method(queue_put_nowait), kFastCall,
     "put_nowait($self, /, item)\n--\n\nPut an item into the queue."},
    RADDLE_QUEUE_METHODS  // the comma is in it
    {nullptr, nullptr, 0, nullptr}};

char kNoQueue[] = "raddle's queues show no `queue`: use drain() to take all items, qsize() to count them";
char kNoMutex[] =
    "raddle's queues have no `mutex`: each method is atomic by itself; use drain() to take all items";
char kNoCondition[] =
    "raddle's queues have no conditions: wait by get(), put() and join(), end waits by shutdown()";

PyGetSetDef queue_attributes[] = {
    {"maxsize", queue_maxsize, queue_set_maxsize,
     "How many items the queue holds at most; 0 or less: no limit. May be set at any time; a limit below qsize() "
     "takes effect when enough has been taken.",
     nullptr},
    {"unfinished_tasks", queue_unfinished_tasks, nullptr, "Items that were put and not reported by task_done().",
     nullptr},
    {"is_shutdown", queue_is_shutdown, nullptr, "Whether shutdown() has been called.", nullptr},
    {"queue", queue_refuse_attribute, nullptr, "Not there; use drain().", kNoQueue},
    {"mutex", queue_refuse_attribute, nullptr, "Not there; methods are atomic.", kNoMutex},
    {"not_empty", queue_refuse_attribute, nullptr, "Not there; use get().", kNoCondition},
    {"not_full", queue_refuse_attribute, nullptr, "Not there; use put().", kNoCondition},
    {"all_tasks_done", queue_refuse_attribute, nullptr, "Not there; use join().", kNoCondition},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyType_Slot queue_slots[] = {{Py_tp_doc, const_cast<char*>(kQueueDoc)},
                             {Py_tp_new, as_slot(create_queue<PyFifoQueue>)},
                             {Py_tp_init, as_slot(queue_init)},
                             {Py_tp_dealloc, as_slot(queue_dealloc)},
                             {Py_tp_traverse, as_slot(queue_traverse)},
                             {Py_tp_clear, as_slot(queue_clear)},
                             {Py_tp_members, QueueObject::members},
                             {Py_tp_methods, queue_methods},
                             {Py_tp_getset, queue_attributes},
                             {Py_tp_repr, as_slot(queue_repr)},
                             {Py_tp_iter, as_slot(PyObject_SelfIter)},
                             {Py_tp_iternext, as_slot(queue_next)},
                             {0, nullptr}};

PyType_Slot lifo_queue_slots[] = {
    {Py_tp_doc, const_cast<char*>(kLifoDoc)}, {Py_tp_new, as_slot(create_queue<PyLifoQueue>)},
    {Py_tp_dealloc, as_slot(queue_dealloc)},  {Py_tp_traverse, as_slot(queue_traverse)},
    {Py_tp_clear, as_slot(queue_clear)},      {0, nullptr}};

PyType_Slot priority_queue_slots[] = {
    {Py_tp_doc, const_cast<char*>(kPriorityDoc)}, {Py_tp_new, as_slot(create_queue<PyPriorityQueue>)},
    {Py_tp_dealloc, as_slot(queue_dealloc)},      {Py_tp_traverse, as_slot(queue_traverse)},
    {Py_tp_clear, as_slot(queue_clear)},          {0, nullptr}};

PyType_Slot simple_queue_slots[] = {
    {Py_tp_doc, const_cast<char*>(kSimpleDoc)}, {Py_tp_new, as_slot(create_queue<PyFifoQueue>)},
    {Py_tp_init, as_slot(simple_queue_init)},   {Py_tp_dealloc, as_slot(queue_dealloc)},
    {Py_tp_traverse, as_slot(queue_traverse)},  {Py_tp_clear, as_slot(queue_clear)},
    {Py_tp_members, QueueObject::members},      {Py_tp_methods, simple_queue_methods},
    {Py_tp_repr, as_slot(queue_repr)},          {0, nullptr}};

}  // namespace

PyType_Spec queue_spec = {"raddle.Queue", sizeof(QueueObject), 0, kClassFlags, queue_slots};
PyType_Spec lifo_queue_spec = {"raddle.LifoQueue", sizeof(QueueObject), 0, kClassFlags, lifo_queue_slots};
PyType_Spec priority_queue_spec = {"raddle.PriorityQueue", sizeof(QueueObject), 0, kClassFlags,
                                   priority_queue_slots};
PyType_Spec simple_queue_spec = {"raddle.SimpleQueue", sizeof(QueueObject), 0, kClassFlags, simple_queue_slots};

}  // namespace raddle::python
