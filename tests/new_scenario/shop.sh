# Buys a book.
curl -sS -X POST http://shop.example:8000/v1/products \
  -H 'Authorization: Bearer a-recorded-token-4711' -H "Content-Type: application/json" \
  -d '{"name": "Atlas", "sku": "ATL-0001", "price": 29.5, "category": "book", "stock": 3}' | jq .
curl --retry 2 "http://shop.example:8000/v1/products/7" -H 'Authorization: Bearer a-recorded-token-4711'
curl http://shop.example:8000/v1/orders -u 'me:a-recorded-password' \
  --json $'{"product_id": 7, "quantity": 2, "email": "a@shop.example", "note": "it\'s a gift"}'
curl -G http://shop.example:8000/v1/products -d category=book -d limit=5 -b 'session=a-recorded-cookie'
curl http://shop.example:8000/v1/reviews
curl -XDELETE "http://shop.example:8000/v1/products/7" -H 'Authorization: Bearer a-recorded-token-4711'
