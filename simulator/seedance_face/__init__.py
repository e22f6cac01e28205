"""ModelArk's content generation tasks, as Seedance is sold at BytePlus and Volcengine."""
