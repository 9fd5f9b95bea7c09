#ifdef MSQ_SEEDED
struct Point {
  double x;
};
#else
struct Point {
  int x;
  int y;
};
#endif

int half(const Point& point) { return static_cast<int>(point.x / 2); }

int half_of_three() { return half(Point{3}); }
