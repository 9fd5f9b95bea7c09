struct Point {
  int x;
  int y;
};

int sum(const Point& point) { return point.x + point.y; }

int half_of_three();

int main() { return sum(Point{1, 2}) + half_of_three(); }
